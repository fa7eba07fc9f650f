-- Lines of spend and their raw records: days of campaigns as the ad platforms tell them, and flights of the files.
with

lines as (

    select spend.*, campaign_id
    from build.marketing.fct_spend as spend
    left join build.core.dim_campaigns as campaigns using (campaign_key, platform, account_id)

)

select spend_key, 'google_ads' as source, 'campaign_daily' as table_name,
    concat_ws(' ', customer_id, raw.campaign_id, segments_date) as record, _dlt_load_id
from lines
inner join google_ads.raw.campaign_daily as raw
    on lines.platform = 'google_ads' and lines.campaign_id = raw.campaign_id::varchar
    and lines.activity_date = raw.segments_date::date
union all
select spend_key, 'meta_ads', 'campaign_daily', concat_ws(' ', raw.account_id, raw.campaign_id, date_start), _dlt_load_id
from lines
inner join meta_ads.raw.campaign_daily as raw
    on lines.platform = 'meta_ads' and lines.campaign_id = raw.campaign_id::varchar
    and lines.activity_date = raw.date_start::date
union all
select spend_key, 'files', 'spend', raw.spend_id, _dlt_load_id
from lines
inner join build.intermediate.int_flights__spread as flights
    on lines.campaign_key = flights.campaign_key and lines.activity_date = flights.activity_date
inner join files.raw.spend as raw using (spend_id)
