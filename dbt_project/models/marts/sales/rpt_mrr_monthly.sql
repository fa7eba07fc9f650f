with

changes as (

    select
        dates.month_start_date,
        coalesce(subscriptions.plan, 'no_plan') as plan,
        coalesce(subscriptions.person_key, subscriptions.company_key, subscriptions.subscription_key) as customer_key,
        subscriptions.movement,
        subscriptions.movement_reporting,
        subscriptions.currency_effect,
        subscriptions.mrr_change_reporting,
        case when subscriptions.mrr > 0 then 1 else 0 end
        - case when subscriptions.previous_mrr > 0 then 1 else 0 end as subscriptions_change,
        case when subscriptions.mrr_reporting is null then 1 else 0 end as unconverted_changes,
        subscriptions.unconverted_change
    from {{ ref('fct_subscriptions') }} as subscriptions
    inner join {{ ref('dim_dates') }} as dates
        on subscriptions.changed_date = dates.date_day

),

levelled as (

    select
        'plan' as level,
        *
    from changes
    union all
    select
        'company' as level,
        month_start_date,
        'all' as plan,
        customer_key,
        movement,
        movement_reporting,
        currency_effect,
        mrr_change_reporting,
        subscriptions_change,
        unconverted_changes,
        unconverted_change
    from changes

),

months as (

    select distinct
        dates.month_start_date,
        plans.level,
        plans.plan
    from {{ ref('dim_dates') }} as dates
    inner join (
        select
            level,
            plan,
            min(month_start_date) as first_month
        from levelled
        group by level, plan
    ) as plans
        on dates.month_start_date >= plans.first_month
    where dates.date_day <= {{ as_of_date() }}

),

money as (

    select
        month_start_date,
        level,
        plan,
        sum(case when movement = 'new' then movement_reporting else 0 end) as new_mrr,
        sum(case when movement = 'expansion' then movement_reporting else 0 end) as expansion_mrr,
        sum(case when movement = 'contraction' then -movement_reporting else 0 end) as contraction_mrr,
        sum(case when movement = 'churn' then -movement_reporting else 0 end) as churned_mrr,
        sum(case when movement = 'reactivation' then movement_reporting else 0 end) as reactivation_mrr,
        sum(currency_effect) as currency_effect,
        sum(mrr_change_reporting) as mrr_change,
        sum(unconverted_changes) as unconverted_changes,
        sum(unconverted_change) as unconverted_change
    from levelled
    group by month_start_date, level, plan

),

customer_months as (

    select
        month_start_date,
        level,
        plan,
        customer_key,
        sum(sum(subscriptions_change)) over (
            partition by level, plan, customer_key order by month_start_date
        ) as subscriptions_after,
        sum(subscriptions_change) as subscriptions_change
    from levelled
    group by month_start_date, level, plan, customer_key

),

compared as (

    select
        *,
        subscriptions_after - subscriptions_change as subscriptions_before,
        coalesce(
            max(subscriptions_after) over (
                partition by level, plan, customer_key
                order by month_start_date
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as most_subscriptions_before
    from customer_months

),

customers as (

    select
        month_start_date,
        level,
        plan,
        sum(case when subscriptions_before = 0 and subscriptions_after > 0 and most_subscriptions_before = 0 then 1 else 0 end)
            as new_customers,
        sum(case when subscriptions_before = 0 and subscriptions_after > 0 and most_subscriptions_before > 0 then 1 else 0 end)
            as reactivated_customers,
        sum(case when subscriptions_before > 0 and subscriptions_after = 0 then 1 else 0 end) as churned_customers
    from compared
    group by month_start_date, level, plan

),

closed as (

    select
        months.month_start_date,
        months.level,
        months.plan,
        coalesce(money.new_mrr, 0) as new_mrr,
        coalesce(money.expansion_mrr, 0) as expansion_mrr,
        coalesce(money.contraction_mrr, 0) as contraction_mrr,
        coalesce(money.churned_mrr, 0) as churned_mrr,
        coalesce(money.reactivation_mrr, 0) as reactivation_mrr,
        coalesce(money.currency_effect, 0) as currency_effect,
        coalesce(money.mrr_change, 0) as mrr_change,
        sum(coalesce(money.mrr_change, 0)) over (
            partition by months.level, months.plan order by months.month_start_date
        ) as closing_mrr,
        coalesce(customers.new_customers, 0) as new_customers,
        coalesce(customers.reactivated_customers, 0) as reactivated_customers,
        coalesce(customers.churned_customers, 0) as churned_customers,
        sum(coalesce(customers.new_customers + customers.reactivated_customers - customers.churned_customers, 0)) over (
            partition by months.level, months.plan order by months.month_start_date
        ) as closing_customers,
        coalesce(money.unconverted_changes, 0) as unconverted_changes,
        coalesce(money.unconverted_change, 0) as unconverted_change,
        sum(coalesce(money.unconverted_change, 0)) over (
            partition by months.level, months.plan order by months.month_start_date
        ) as unconverted_subscriptions
    from months
    left join money
        on
            months.month_start_date = money.month_start_date
            and months.level = money.level
            and months.plan = money.plan
    left join customers
        on
            months.month_start_date = customers.month_start_date
            and months.level = customers.level
            and months.plan = customers.plan

)

select
    {{ surrogate_key(['month_start_date', 'level', 'plan']) }} as mrr_month_key,
    month_start_date,
    level,
    plan,
    cast(closing_mrr - mrr_change as decimal(18, 2)) as opening_mrr,
    cast(new_mrr as decimal(18, 2)) as new_mrr,
    cast(expansion_mrr as decimal(18, 2)) as expansion_mrr,
    cast(contraction_mrr as decimal(18, 2)) as contraction_mrr,
    cast(churned_mrr as decimal(18, 2)) as churned_mrr,
    cast(reactivation_mrr as decimal(18, 2)) as reactivation_mrr,
    cast(currency_effect as decimal(18, 2)) as currency_effect,
    cast(closing_mrr as decimal(18, 2)) as closing_mrr,
    cast(closing_customers - new_customers - reactivated_customers + churned_customers as bigint) as opening_customers,
    cast(new_customers as bigint) as new_customers,
    cast(reactivated_customers as bigint) as reactivated_customers,
    cast(churned_customers as bigint) as churned_customers,
    cast(closing_customers as bigint) as closing_customers,
    case
        when unconverted_subscriptions = 0 then {{ money_per('closing_mrr', 'closing_customers') }}
    end as average_mrr_per_customer,
    cast(
        case
            when unconverted_subscriptions - unconverted_change = 0 and unconverted_changes = 0
                then (contraction_mrr + churned_mrr) / nullif(cast(closing_mrr - mrr_change as double), 0)
        end as double
    ) as gross_churn_rate,
    cast(unconverted_changes as bigint) as unconverted_changes,
    cast(unconverted_subscriptions - unconverted_change as bigint) as opening_unconverted_subscriptions,
    cast(unconverted_subscriptions as bigint) as unconverted_subscriptions
from closed
