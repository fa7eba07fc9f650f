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
        deal_key,
        case when is_won then 'won' else 'lost' end as movement,
        coalesce(amount_reporting, 0) as amount_reporting
    from {{ ref('fct_deals') }}
    where
        is_closed
        and closed_date is not null
        and (created_at is not null or closed_date < {{ as_of_date() }})

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
