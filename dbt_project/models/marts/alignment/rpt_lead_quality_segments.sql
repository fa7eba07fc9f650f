with

quality as (

    select * from {{ ref('rpt_lead_quality') }}

),

segments as (

    select
        lead_quality_key,
        segment,
        count(*) as delivered,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(never_worked) as never_worked,
        sum(opportunities) as opportunities,
        sum(won) as won,
        sum(won_deals) as won_deals,
        sum(revenue) as revenue,
        sum(unconverted_deals) as unconverted_deals
    from {{ ref('int_handoffs__followed') }}
    group by lead_quality_key, segment

),

summed as (

    select
        *,
        sum(delivered) over (partition by lead_quality_key order by segment) as delivered_so_far,
        sum(rejected) over (partition by lead_quality_key order by segment) as rejected_so_far
    from segments

),

-- Money has no segment: the cost is shared out by handoffs, and is nobody's where there were none.
shared as (

    select
        quality.lead_quality_key,
        quality.month_start_date,
        quality.channel,
        quality.campaign_key,
        summed.segment,
        coalesce(summed.delivered, 0) as delivered,
        coalesce(summed.accepted, 0) as accepted,
        coalesce(summed.rejected, 0) as rejected,
        coalesce(summed.never_worked, 0) as never_worked,
        coalesce(summed.opportunities, 0) as opportunities,
        coalesce(summed.won, 0) as won,
        coalesce(summed.won_deals, 0) as won_deals,
        coalesce(summed.revenue, 0) as revenue,
        coalesce(summed.unconverted_deals, 0) as unconverted_deals,
        case
            when summed.segment is null then quality.cost
            else {{ split_amount(
                'quality.cost',
                running='summed.delivered_so_far',
                previous='summed.delivered_so_far - summed.delivered',
                whole='quality.delivered'
            ) }}
        end as cost,
        quality.unconverted_spend_rows,
        case
            when quality.unconverted_spend_rows = 0
                then {{ split_amount(
                    'quality.cost',
                    running='summed.rejected_so_far',
                    previous='summed.rejected_so_far - summed.rejected',
                    whole='quality.delivered'
                ) }}
        end as cost_of_rejected
    from quality
    left join summed
        on quality.lead_quality_key = summed.lead_quality_key

)

select
    {{ surrogate_key(['lead_quality_key', 'segment']) }} as lead_quality_segment_key,
    lead_quality_key,
    month_start_date,
    channel,
    campaign_key,
    segment,
    cast(delivered as bigint) as delivered,
    cast(accepted as bigint) as accepted,
    cast(rejected as bigint) as rejected,
    cast(never_worked as bigint) as never_worked,
    cast(opportunities as bigint) as opportunities,
    cast(won as bigint) as won,
    cast(won_deals as bigint) as won_deals,
    cast(revenue as decimal(18, 2)) as revenue,
    cast(unconverted_deals as bigint) as unconverted_deals,
    cast(cost as decimal(18, 2)) as cost,
    cast(unconverted_spend_rows > 0 as boolean) as has_unconverted_spend,
    cast(cost_of_rejected as decimal(18, 2)) as cost_of_rejected
from shared
