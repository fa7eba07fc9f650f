-- Under each attribution model all lines of spend, and the shares that touches have of won deals.
with

spend as (

    select
        date_trunc('month', activity_date)::date as month_start_date, spend.channel, attribution_model,
        coalesce(spend_reporting, 0) as spend_reporting,
        if(spend_reporting is null and spend <> 0, 1, 0) as unconverted_spend_rows,
        spend_key, activity_date as day, spend.platform, campaign_id, spend, spend.currency, fx_rate
    from build.marketing.fct_spend as spend
    cross join build.seeds.attribution_models
    left join build.core.dim_campaigns as campaigns using (campaign_key, platform, account_id)

),

credited as (

    select
        date_trunc('month', business_date(converted_at))::date as month_start_date, credits.channel, attribution_model,
        coalesce(attributed_value, 0) as attributed_revenue,
        deals.amount is not null and attributed_value is null as is_unconverted,
        row_number() over (
            partition by month_start_date, credits.channel, attribution_model, deal_key order by attribution_key
        ) as place,
        credits.person_key, deal_key, touch_key, converted_at as moment, round(weight, 4) as weight, conversion_value
    from build.marketing.fct_attribution as credits
    left join build.sales.fct_deals as deals using (deal_key)
    where conversion_type = 'won_deal'

)

select
    * replace (coalesce(unconverted_spend_rows, 0) as unconverted_spend_rows),
    if(is_unconverted and place = 1, 1, 0) as unconverted_deals
from (
    select * from spend
    union all by name
    select * from credited
)
