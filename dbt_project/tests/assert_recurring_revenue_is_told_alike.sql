-- Recurring revenue at a month's end stands in three reports: by movements, by cohort, and beside the bookings.
with

movements as (

    select
        month_start_date,
        closing_mrr as mrr,
        churned_mrr,
        unconverted_subscriptions
    from {{ ref('rpt_mrr_monthly') }}
    where level = 'company'

),

cohorts as (

    select
        month_start_date,
        sum(closing_mrr) as mrr,
        sum(unconverted_subscriptions) as unconverted_subscriptions
    from {{ ref('rpt_revenue_retention') }}
    group by month_start_date

),

revenue as (

    select
        month_start_date,
        recurring_revenue as mrr,
        churned_revenue as churned_mrr,
        unconverted_subscriptions
    from {{ ref('rpt_revenue_monthly') }}
    where deal_type = 'recurring'

)

select
    movements.month_start_date,
    movements.mrr as by_movements,
    cohorts.mrr as by_cohorts,
    revenue.mrr as beside_the_bookings
from movements
left join cohorts
    on movements.month_start_date = cohorts.month_start_date
left join revenue
    on movements.month_start_date = revenue.month_start_date
where
    movements.mrr is distinct from cohorts.mrr
    or movements.mrr is distinct from revenue.mrr
    or movements.churned_mrr is distinct from revenue.churned_mrr
    or movements.unconverted_subscriptions is distinct from cohorts.unconverted_subscriptions
    or movements.unconverted_subscriptions is distinct from revenue.unconverted_subscriptions
