with

handoffs as (

    select * from {{ ref('int_handoffs__followed') }}

),

judged as (

    select
        month_start_date,
        channel,
        campaign_key,
        count(*) as delivered,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(never_worked) as never_worked,
        sum(opportunities) as opportunities,
        sum(won) as won,
        sum(won_deals) as won_deals,
        sum(revenue) as revenue,
        sum(unconverted_deals) as unconverted_deals,
        0 as cost,
        0 as unconverted_spend_rows
    from handoffs
    group by month_start_date, channel, campaign_key

),

spend as (

    select
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        channel,
        campaign_key,
        0 as delivered,
        0 as accepted,
        0 as rejected,
        0 as never_worked,
        0 as opportunities,
        0 as won,
        0 as won_deals,
        0 as revenue,
        0 as unconverted_deals,
        coalesce(sum(spend_reporting), 0) as cost,
        sum(case when spend_reporting is null and spend <> 0 then 1 else 0 end) as unconverted_spend_rows
    from {{ ref('fct_spend') }}
    group by cast({{ dbt.date_trunc('month', 'activity_date') }} as date), channel, campaign_key

),

combined as (

    select
        month_start_date,
        channel,
        campaign_key,
        sum(delivered) as delivered,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(never_worked) as never_worked,
        sum(opportunities) as opportunities,
        sum(won) as won,
        sum(won_deals) as won_deals,
        sum(revenue) as revenue,
        sum(unconverted_deals) as unconverted_deals,
        sum(cost) as cost,
        sum(unconverted_spend_rows) as unconverted_spend_rows
    from (
        select * from judged
        union all
        select * from spend
    ) as unioned
    group by month_start_date, channel, campaign_key

),

keyed as (

    select
        {{ surrogate_key(['month_start_date', 'channel', 'campaign_key']) }} as lead_quality_key,
        *
    from combined

),

reasons as (

    select
        lead_quality_key,
        rejection_reason,
        row_number() over (partition by lead_quality_key order by count(*) desc, rejection_reason) as place
    from handoffs
    where rejection_reason is not null
    group by lead_quality_key, rejection_reason

)

select
    keyed.lead_quality_key,
    keyed.month_start_date,
    keyed.channel,
    keyed.campaign_key,
    cast(keyed.delivered as bigint) as delivered,
    cast(keyed.accepted as bigint) as accepted,
    cast(keyed.rejected as bigint) as rejected,
    cast(keyed.never_worked as bigint) as never_worked,
    cast(keyed.opportunities as bigint) as opportunities,
    cast(keyed.won as bigint) as won,
    cast(keyed.won_deals as bigint) as won_deals,
    cast(keyed.revenue as decimal(18, 2)) as revenue,
    cast(keyed.unconverted_deals as bigint) as unconverted_deals,
    cast(keyed.cost as decimal(18, 2)) as cost,
    cast(keyed.unconverted_spend_rows as bigint) as unconverted_spend_rows,
    cast(
        case
            when keyed.unconverted_spend_rows = 0
                then {{ rounded_share('keyed.cost', 'keyed.rejected', 'keyed.delivered', 2) }}
        end as decimal(18, 2)
    ) as cost_of_rejected,
    reasons.rejection_reason as top_rejection_reason
from keyed
left join reasons
    on
        keyed.lead_quality_key = reasons.lead_quality_key
        and reasons.place = 1
