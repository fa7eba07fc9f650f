-- Posts by the day they were published.
select posted_date, views, reach, likes, comments, shares, saves, clicks, engagements, social_post_key, permalink
from build.marketing.fct_social_posts
