-- Changes of subscriptions by month and kind; a customer has churned when the last of them ends.
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

)

select
    month_start_date, 'company' as level,
    if(movement = 'new', movement_reporting, 0) as new_mrr,
    if(movement = 'expansion', movement_reporting, 0) as expansion_mrr,
    if(movement = 'contraction', -movement_reporting, 0) as contraction_mrr,
    if(movement = 'churn', -movement_reporting, 0) as churned_mrr,
    if(movement = 'reactivation', movement_reporting, 0) as reactivation_mrr,
    subscription_key, changed_date, movement, previous_mrr, mrr, currency
from changes
union all by name
select month_start_date, 'company' as level, 1 as churned_customers, subscriber_key
from customers
where subscriptions = 0 and subscriptions - change > 0
