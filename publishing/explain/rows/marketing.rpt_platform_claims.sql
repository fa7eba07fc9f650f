-- The conversions that ad platforms claim, by their campaigns' days; and the shares that touches of these campaigns have
-- of our own leads.
select
    date_trunc('month', activity_date)::date as month_start_date, spend.channel, spend.platform, platform_conversions,
    activity_date, spend_key, campaign_key, campaign_id
from build.marketing.fct_spend as spend
left join build.core.dim_campaigns as campaigns using (campaign_key, platform, account_id)
where contains(getvariable('ad_platforms'), spend.platform)
union all by name
select
    date_trunc('month', business_date(converted_at))::date as month_start_date, campaigns.channel, campaigns.platform,
    weight as own_leads, campaign_key, touch_key, person_key, converted_at as moment
from build.marketing.fct_attribution
inner join build.core.dim_campaigns as campaigns using (campaign_key)
where conversion_type = 'lead' and attribution_model = getvariable('attribution_model')
    and contains(getvariable('ad_platforms'), campaigns.platform)
