with

changes as (

    select
        dates.month_start_date,
        coalesce(subscriptions.person_key, subscriptions.company_key, subscriptions.subscription_key) as customer_key,
        sum(subscriptions.mrr_change_reporting) as mrr_change,
        sum(case when subscriptions.movement = 'new' then subscriptions.movement_reporting else 0 end) as new_mrr,
        sum(case when subscriptions.movement = 'new' then subscriptions.unconverted_change else 0 end) as unconverted_openings,
        sum(subscriptions.unconverted_change) as unconverted_change,
        sum(
            case when subscriptions.mrr > 0 then 1 else 0 end - case when subscriptions.previous_mrr > 0 then 1 else 0 end
        ) as subscriptions_change
    from {{ ref('fct_subscriptions') }} as subscriptions
    inner join {{ ref('dim_dates') }} as dates
        on subscriptions.changed_date = dates.date_day
    group by
        dates.month_start_date,
        coalesce(subscriptions.person_key, subscriptions.company_key, subscriptions.subscription_key)

),

-- Whoever was never above zero (a discount billed on its own) is no customer, and their MRR is in the totals.
customers as (

    select
        customer_key,
        was_customer,
        month_start_date as cohort_month,
        new_mrr as opening_mrr,
        unconverted_openings
    from (
        select
            *,
            max(case when subscriptions_change > 0 then 1 else 0 end) over (partition by customer_key) as was_customer,
            row_number() over (partition by customer_key order by month_start_date) as place
        from changes
    ) as numbered
    where place = 1

),

months as (

    select distinct month_start_date
    from {{ ref('dim_dates') }}
    where date_day <= {{ as_of_date() }}

),

standing as (

    select
        customers.cohort_month,
        months.month_start_date,
        customers.was_customer,
        customers.opening_mrr,
        customers.unconverted_openings,
        sum(coalesce(changes.mrr_change, 0)) over (
            partition by customers.customer_key order by months.month_start_date
        ) as closing_mrr,
        sum(coalesce(changes.unconverted_change, 0)) over (
            partition by customers.customer_key order by months.month_start_date
        ) as unconverted_subscriptions,
        sum(coalesce(changes.subscriptions_change, 0)) over (
            partition by customers.customer_key order by months.month_start_date
        ) as subscriptions
    from customers
    inner join months
        on customers.cohort_month <= months.month_start_date
    left join changes
        on
            customers.customer_key = changes.customer_key
            and months.month_start_date = changes.month_start_date

),

cohorts as (

    select
        cohort_month,
        month_start_date,
        sum(was_customer) as customers,
        sum(case when subscriptions > 0 then 1 else 0 end) as active_customers,
        sum(opening_mrr) as opening_mrr,
        sum(closing_mrr) as closing_mrr,
        sum(least(opening_mrr, closing_mrr)) as retained_mrr,
        sum(unconverted_openings) as unconverted_openings,
        sum(unconverted_subscriptions) as unconverted_subscriptions
    from standing
    group by cohort_month, month_start_date

)

select
    {{ surrogate_key(['cohort_month', 'month_start_date']) }} as revenue_retention_key,
    cohort_month,
    cast({{ dbt.datediff('cohort_month', 'month_start_date', 'month') }} as integer) as months_since,
    month_start_date,
    cast(customers as bigint) as customers,
    cast(active_customers as bigint) as active_customers,
    cast(opening_mrr as decimal(18, 2)) as opening_mrr,
    cast(closing_mrr as decimal(18, 2)) as closing_mrr,
    cast(retained_mrr as decimal(18, 2)) as retained_mrr,
    cast(
        case
            when unconverted_openings = 0 and unconverted_subscriptions = 0
                then closing_mrr / nullif(cast(opening_mrr as double), 0)
        end as double
    ) as net_revenue_retention,
    cast(
        case
            when unconverted_openings = 0 and unconverted_subscriptions = 0
                then retained_mrr / nullif(cast(opening_mrr as double), 0)
        end as double
    ) as gross_revenue_retention,
    cast(active_customers as double) / nullif(customers, 0) as customer_retention,
    cast(unconverted_openings as bigint) as unconverted_openings,
    cast(unconverted_subscriptions as bigint) as unconverted_subscriptions
from cohorts
