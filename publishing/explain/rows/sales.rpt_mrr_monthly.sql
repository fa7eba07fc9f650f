-- Changes of subscriptions by month and kind, and what each was worth at a month's beginning and end; a customer has churned
-- when the last of them ends.
with

changes as (

    select
        date_trunc('month', changed_date)::date as month_start_date,
        coalesce(person_key, company_key, subscription_key) as subscriber_key,
        if(mrr > 0, 1, 0) - if(previous_mrr > 0, 1, 0) as subscriptions_change,
        *
    from build.sales.fct_subscriptions

),

customers as (

    select
        month_start_date, subscriber_key, sum(subscriptions_change) as change,
        sum(sum(subscriptions_change)) over (partition by subscriber_key order by month_start_date) as subscriptions
    from changes
    group by month_start_date, subscriber_key

),

months as (

    select distinct dates.month_start_date as standing_month
    from build.core.dim_dates as dates
    where date_day <= getvariable('as_of')

),

standing as (

    select
        standing_month as month_start_date, subscription_key,
        coalesce(sum(mrr_change_reporting) filter (where month_start_date < standing_month), 0) as opening_mrr,
        sum(mrr_change_reporting) as closing_mrr,
        coalesce(sum(unconverted_change) filter (where month_start_date < standing_month), 0)
            as opening_unconverted_subscriptions,
        sum(unconverted_change) as unconverted_subscriptions
    from changes
    inner join months on month_start_date <= standing_month
    group by standing_month, subscription_key

),

standing_customers as (

    select standing_month as month_start_date, subscriber_key, if(sum(change) > 0, 1, 0) as closing_customers
    from customers
    inner join months on month_start_date <= standing_month
    group by standing_month, subscriber_key

)

select
    month_start_date, 'company' as level,
    if(movement = 'new', movement_reporting, 0) as new_mrr,
    if(movement = 'expansion', movement_reporting, 0) as expansion_mrr,
    if(movement = 'contraction', -movement_reporting, 0) as contraction_mrr,
    if(movement = 'churn', -movement_reporting, 0) as churned_mrr,
    if(movement = 'reactivation', movement_reporting, 0) as reactivation_mrr,
    if(mrr_reporting is null, 1, 0) as unconverted_changes,
    subscription_key, changed_date, movement, previous_mrr, mrr, currency
from changes
union all by name
select month_start_date, 'company' as level, 1 as churned_customers, subscriber_key
from customers
where subscriptions = 0 and subscriptions - change > 0
union all by name
select *, 'company' as level from standing
union all by name
select *, 'company' as level from standing_customers
