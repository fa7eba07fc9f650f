-- What left the pipeline as won or lost is what the deals tell to be won or lost, at the amount that is booked. Of a deal
-- that was reopened the last closing counts; one that nothing is known of but its closing leaves the day after.
with

closings as (

    select
        deal_key,
        movement,
        amount_reporting,
        row_number() over (partition by deal_key order by moved_on desc) as place_from_last
    from {{ ref('int_deals__moved') }}
    where movement in ('won', 'lost')

),

deals as (

    select
        deals.deal_key,
        case when deals.is_won then 'won' else 'lost' end as movement,
        coalesce(deals.amount_reporting, 0) as amount_reporting
    from {{ ref('fct_deals') }} as deals
    left join (
        select
            deal_key,
            max(entered_at) as last_entered_at
        from {{ ref('fct_deal_stages') }}
        group by deal_key
    ) as spells
        on deals.deal_key = spells.deal_key
    where
        deals.is_closed
        and deals.closed_date is not null
        and (deals.created_at is not null or {{ business_date('spells.last_entered_at') }} < {{ as_of_date() }})

)

select
    deals.deal_key,
    deals.movement,
    closings.movement as movement_in_the_pipeline,
    deals.amount_reporting,
    closings.amount_reporting as amount_in_the_pipeline
from deals
left join closings
    on
        deals.deal_key = closings.deal_key
        and closings.place_from_last = 1
where
    deals.movement is distinct from closings.movement
    or deals.amount_reporting is distinct from closings.amount_reporting
