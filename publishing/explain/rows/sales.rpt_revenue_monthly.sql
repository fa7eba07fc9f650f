-- What every subscription stands at from each of its changes on, until the month asked for, and what churned in it.
with

months as (

    select distinct month_start_date from build.core.dim_dates where date_day <= getvariable('as_of')

)

select
    month_start_date, mrr_change_reporting as recurring_revenue,
    if(movement = 'churn' and date_trunc('month', changed_date) = month_start_date, -mrr_change_reporting, 0)
        as churned_revenue,
    unconverted_change as unconverted_subscriptions,
    subscription_key, changed_date, movement, previous_mrr, mrr, currency
from build.sales.fct_subscriptions
inner join months on date_trunc('month', changed_date) <= month_start_date
