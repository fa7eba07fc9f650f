with

lost as (

    select *
    from {{ ref('fct_deals') }}
    where
        is_closed
        and not is_won

),

-- A deal is lost into any exit; from one exit to another it is lost but once.
stages as (

    select
        spells.deal_key,
        spells.previous_stage,
        row_number() over (
            partition by spells.deal_key order by spells.entered_at desc, spells.exited_at desc nulls first
        ) as place_from_last
    from {{ ref('fct_deal_stages') }} as spells
    inner join {{ ref('lead_stages') }} as lead_stages
        on spells.stage = lead_stages.stage
    left join {{ ref('lead_stages') }} as stages_before
        on spells.previous_stage = stages_before.stage
    where
        lead_stages.is_exit
        and not coalesce(stages_before.is_exit, false)

),

negotiated as (

    select distinct deal_key
    from {{ ref('fct_deal_stages') }}
    where stage = 'negotiation'

)

select
    {{ surrogate_key(['dates.month_start_date', "coalesce(stages.previous_stage, 'accepted')", "coalesce(lost.loss_reason, 'unstated')", 'lost.deal_type']) }}
        as loss_reason_key,
    dates.month_start_date,
    coalesce(stages.previous_stage, 'accepted') as stage,
    coalesce(lost.loss_reason, 'unstated') as loss_reason,
    lost.deal_type,
    count(*) as lost_deals,
    cast(coalesce(sum(lost.amount_reporting), 0) as decimal(18, 2)) as lost_amount,
    cast(sum(case when lost.amount is not null and lost.amount_reporting is null then 1 else 0 end) as bigint)
        as unconverted_deals,
    cast(sum(case when negotiated.deal_key is not null then 1 else 0 end) as bigint) as objections,
    cast(coalesce(sum(case when negotiated.deal_key is not null then lost.amount_reporting end), 0) as decimal(18, 2))
        as objection_amount
from lost
left join {{ ref('dim_dates') }} as dates
    on lost.closed_date = dates.date_day
left join stages
    on
        lost.deal_key = stages.deal_key
        and stages.place_from_last = 1
left join negotiated
    on lost.deal_key = negotiated.deal_key
group by
    dates.month_start_date,
    coalesce(stages.previous_stage, 'accepted'),
    coalesce(lost.loss_reason, 'unstated'),
    lost.deal_type
