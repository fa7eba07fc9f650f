with

quality as (

    select * from {{ ref('rpt_lead_quality') }}

),

reasons as (

    select
        lead_quality_key,
        segment,
        rejection_reason,
        count(*) as rejected
    from {{ ref('int_handoffs__followed') }}
    where rejection_reason is not null
    group by lead_quality_key, segment, rejection_reason

),

-- In the order of rpt_lead_quality_segments, so that reasons also sum to their segment.
summed as (

    select
        *,
        sum(rejected) over (
            partition by lead_quality_key order by segment, rejection_reason
        ) as rejected_so_far
    from reasons

)

select
    {{ surrogate_key(['quality.lead_quality_key', 'summed.segment', 'summed.rejection_reason']) }} as rejection_key,
    quality.month_start_date,
    quality.channel,
    quality.campaign_key,
    summed.segment,
    summed.rejection_reason,
    cast(summed.rejected as bigint) as rejected,
    cast(
        case
            when quality.unconverted_spend_rows = 0
                then {{ split_amount(
                    'quality.cost',
                    running='summed.rejected_so_far',
                    previous='summed.rejected_so_far - summed.rejected',
                    whole='quality.delivered'
                ) }}
        end as decimal(18, 2)
    ) as cost
from summed
inner join quality
    on summed.lead_quality_key = quality.lead_quality_key
