-- Days of campaigns as the ad platforms tell them, and flights of the files.
select spend_key as found_for, 'google_ads' as source, 'campaign_daily' as table_name,
    concat_ws(' ', customer_id, raw.campaign_id, segments_date) as record, _dlt_load_id
from behind
inner join build.marketing.fct_spend as lines using (spend_key)
inner join google_ads.raw.campaign_daily as raw
    on lines.platform = 'google_ads' and behind.campaign_id = raw.campaign_id::varchar
    and lines.activity_date = raw.segments_date::date
union all
select spend_key, 'meta_ads', 'campaign_daily', concat_ws(' ', raw.account_id, raw.campaign_id, date_start), _dlt_load_id
from behind
inner join build.marketing.fct_spend as lines using (spend_key)
inner join meta_ads.raw.campaign_daily as raw
    on lines.platform = 'meta_ads' and behind.campaign_id = raw.campaign_id::varchar
    and lines.activity_date = raw.date_start::date
union all
select spend_key, 'files', 'spend', raw.spend_id, _dlt_load_id
from behind
inner join build.marketing.fct_spend as lines using (spend_key)
inner join build.intermediate.int_flights__spread as flights
    on lines.campaign_key = flights.campaign_key and lines.activity_date = flights.activity_date
inner join files.raw.spend as raw using (spend_id)
