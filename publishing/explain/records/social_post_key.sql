-- Posts of pages and of Instagram profiles.
select social_post_key as found_for, 'facebook_pages' as source, 'posts' as table_name, raw.post_id as record, _dlt_load_id
from behind
inner join facebook_pages.raw.posts as raw
    on social_post_key = md5(concat_ws('|', 'facebook', raw.page_id, raw.post_id))
union all
select social_post_key, 'facebook_pages', 'media', raw.media_id, _dlt_load_id
from behind
inner join facebook_pages.raw.media as raw
    on social_post_key = md5(concat_ws('|', 'instagram', raw.page_id, raw.media_id))
