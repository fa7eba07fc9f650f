-- Recurring revenue and customers are told by movements: each month must close at what the subscriptions themselves say
-- at its end (without a rate: at what they last said with one), and open where the month before closed. The plans of a
-- month sum to the company.
with

months as (

    select * from {{ ref('rpt_mrr_monthly') }}

),

standing as (

    select
        ends.month_start_date,
        subscriptions.plan,
        subscriptions.customer_key,
        subscriptions.mrr,
        subscriptions.mrr_reporting,
        row_number() over (
            partition by ends.month_start_date, subscriptions.subscription_key
            order by subscriptions.changed_at desc
        ) as place_from_last,
        row_number() over (
            partition by ends.month_start_date, subscriptions.subscription_key
            order by
                case when subscriptions.mrr_reporting is null then 1 else 0 end,
                subscriptions.changed_at desc
        ) as place_from_last_valued
    from (
        select
            month_start_date,
            max(date_day) as month_end
        from {{ ref('dim_dates') }}
        group by month_start_date
    ) as ends
    inner join (
        select
            *,
            coalesce(person_key, company_key, subscription_key) as customer_key
        from {{ ref('fct_subscriptions') }}
    ) as subscriptions
        on ends.month_end >= subscriptions.changed_date

),

told as (

    select
        month_start_date,
        'plan' as level,
        coalesce(plan, 'no_plan') as plan,
        coalesce(sum(case when place_from_last_valued = 1 then mrr_reporting end), 0) as mrr,
        count(distinct case when place_from_last = 1 and mrr > 0 then customer_key end) as customers,
        sum(case when place_from_last = 1 and mrr_reporting is null then 1 else 0 end) as unconverted_subscriptions
    from standing
    group by month_start_date, coalesce(plan, 'no_plan')
    union all
    select
        month_start_date,
        'company' as level,
        'all' as plan,
        coalesce(sum(case when place_from_last_valued = 1 then mrr_reporting end), 0) as mrr,
        count(distinct case when place_from_last = 1 and mrr > 0 then customer_key end) as customers,
        sum(case when place_from_last = 1 and mrr_reporting is null then 1 else 0 end) as unconverted_subscriptions
    from standing
    group by month_start_date

),

opened as (

    select
        *,
        coalesce(lag(closing_mrr) over (partition by level, plan order by month_start_date), 0) as closing_mrr_before,
        coalesce(lag(closing_customers) over (partition by level, plan order by month_start_date), 0) as closing_customers_before
    from months

)

select
    opened.month_start_date,
    opened.level,
    opened.plan,
    opened.closing_mrr,
    told.mrr,
    opened.closing_customers,
    told.customers
from opened
left join told
    on
        opened.month_start_date = told.month_start_date
        and opened.level = told.level
        and opened.plan = told.plan
where
    opened.closing_mrr is distinct from told.mrr
    or opened.closing_customers is distinct from told.customers
    or opened.unconverted_subscriptions is distinct from told.unconverted_subscriptions
    or opened.opening_mrr <> opened.closing_mrr_before
    or opened.opening_customers <> opened.closing_customers_before
    or opened.opening_mrr + opened.new_mrr + opened.expansion_mrr - opened.contraction_mrr - opened.churned_mrr
    + opened.reactivation_mrr + opened.currency_effect <> opened.closing_mrr
