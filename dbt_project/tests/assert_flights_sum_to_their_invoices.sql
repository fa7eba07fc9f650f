-- A flight's days sum to its invoice to the cent, and no flight that is over is missing.
select
    flights.spend_id,
    max(flights.amount) as amount,
    sum(days.spend) as spread_amount
from {{ ref('stg_files__spend') }} as flights
left join {{ ref('int_flights__spread') }} as days
    on days.spend_id = flights.spend_id
where coalesce(flights.end_date, flights.start_date) <= {{ as_of_date() }}
group by flights.spend_id
having max(flights.amount) is distinct from sum(days.spend)
