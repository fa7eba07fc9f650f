-- Each page's or profile's own day: reach and followers are the network's, nobody can take them apart.
select activity_date, views, reach, engagements, followers, new_followers, profile_views, social_daily_key, account_name
from build.marketing.fct_social_daily
