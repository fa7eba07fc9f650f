-- Days of pages and of the Instagram profiles they tell of.
select social_daily_key as found_for, 'facebook_pages' as source, 'page_daily' as table_name,
    concat_ws(' ', raw.page_id, raw.date::date) as record, _dlt_load_id
from behind
inner join facebook_pages.raw.page_daily as raw
    on social_daily_key = md5(concat_ws('|', 'facebook', raw.page_id, raw.date::date))
union all
select social_daily_key, 'facebook_pages', 'instagram_daily', concat_ws(' ', raw.instagram_id, raw.date::date), _dlt_load_id
from behind
inner join facebook_pages.raw.instagram_daily as raw
    on social_daily_key = md5(concat_ws('|', 'instagram', raw.page_id, raw.date::date))
