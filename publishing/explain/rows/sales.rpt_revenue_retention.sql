-- Each customer from the month of the first subscription on: what it opened with, and what it is worth at the month's end.
with

changes as (

    select
        date_trunc('month', changed_date)::date as changed_month,
        coalesce(person_key, company_key, subscription_key) as subscriber_key,
        min(date_trunc('month', changed_date)::date) over (
            partition by coalesce(person_key, company_key, subscription_key)
        ) as cohort_month,
        *
    from build.sales.fct_subscriptions

),

months as (

    select distinct month_start_date from build.core.dim_dates where date_day <= getvariable('as_of')

),

customers as (

    select
        month_start_date, cohort_month, subscriber_key,
        coalesce(
            sum(movement_reporting) filter (where movement = 'new' and changed_month = cohort_month), 0
        ) as opening_mrr,
        coalesce(sum(mrr_change_reporting), 0) as closing_mrr,
        1 as customers,
        if(sum(if(mrr > 0, 1, 0) - if(previous_mrr > 0, 1, 0)) > 0, 1, 0) as active_customers,
        coalesce(
            sum(unconverted_change) filter (where movement = 'new' and changed_month = cohort_month), 0
        ) as unconverted_openings,
        sum(unconverted_change) as unconverted_subscriptions
    from changes
    inner join months on changed_month <= month_start_date
    group by month_start_date, cohort_month, subscriber_key

)

select *, least(opening_mrr, closing_mrr) as retained_mrr from customers
