-- Deals by the month they closed, of which a refund is none that could be won or lost; and those open at the month's end.
with

month_ends as (

    select month_start_date, max(date_day) as last_day
    from build.core.dim_dates
    where date_day <= getvariable('as_of')
    group by month_start_date

),

closed as (

    select
        date_trunc('month', closed_date)::date as period_start_date, 0 as open_deals,
        if(amount < 0, 0, 1) as closed_deals, if(is_won and not coalesce(amount < 0, false), 1, 0) as won_deals,
        if(amount < 0, 0, amount_reporting) as closed_amount, if(won_deals = 1, amount_reporting, 0) as won_amount,
        if(won_deals = 1, cycle_days, 0) as won_cycle_days,
        if(won_deals = 1 and cycle_days is not null, 1, 0) as won_deals_with_cycle,
        if(amount is not null and amount_reporting is null, 1, 0) as unconverted_deals,
        deal_key, person_key, closed_at as moment, closed_date, is_won, amount, currency, owner_key
    from build.sales.fct_deals
    where is_closed and closed_date is not null

),

still_open as (

    select month_start_date as period_start_date, 1 as open_deals, deal_key, stage, amount, currency, owner_key
    from build.intermediate.int_deals__stayed
    inner join month_ends on first_day <= last_day and day_after_last > last_day

)

select 'company' as level, 'month' as period, * replace (coalesce(unconverted_deals, 0) as unconverted_deals)
from (
    select * from closed
    union all by name
    select * from still_open
)
