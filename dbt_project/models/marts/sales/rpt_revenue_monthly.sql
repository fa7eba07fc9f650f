with

dates as (

    select * from {{ ref('dim_dates') }}

),

won as (

    select
        dates.month_start_date,
        deals.deal_type,
        deals.customer_key,
        deals.amount,
        deals.amount_reporting,
        deals.is_referral,
        deals.purchase_number
    from {{ ref('fct_deals') }} as deals
    inner join dates
        on deals.closed_date = dates.date_day
    where deals.is_won

),

subscription_changes as (

    select
        dates.month_start_date,
        changes.movement,
        changes.mrr_change_reporting,
        changes.unconverted_change
    from {{ ref('fct_subscriptions') }} as changes
    inner join dates
        on changes.changed_date = dates.date_day

),

first_months as (

    select min(month_start_date) as month_start_date
    from (
        select month_start_date from won
        union all
        select month_start_date from subscription_changes
    ) as unioned

),

months as (

    select distinct dates.month_start_date
    from dates
    inner join first_months
        on dates.month_start_date >= first_months.month_start_date
    where dates.date_day <= {{ as_of_date() }}

),

deal_types as (

    select deal_type from {{ ref('deal_type_map') }}
    union
    select deal_type from won
    union
    select 'recurring' as deal_type

),

bookings as (

    select
        month_start_date,
        deal_type,
        count(*) as deals,
        sum(amount_reporting) as revenue,
        count(distinct case when purchase_number >= 1 then customer_key end) as customers,
        count(distinct case when purchase_number > 1 then customer_key end) as repeat_customers,
        sum(case when purchase_number > 1 then amount_reporting end) as repeat_revenue,
        sum(case when is_referral then amount_reporting end) as referral_revenue,
        sum(case when amount is not null and amount_reporting is null then 1 else 0 end) as unconverted_deals
    from won
    group by month_start_date, deal_type

),

subscription_months as (

    select
        months.month_start_date,
        sum(changes.mrr_change_reporting) as recurring_revenue,
        sum(changes.unconverted_change) as unconverted_subscriptions,
        sum(
            case
                when changes.movement = 'churn' and changes.month_start_date = months.month_start_date
                    then -changes.mrr_change_reporting
            end
        ) as churned_revenue
    from months
    inner join subscription_changes as changes
        on months.month_start_date >= changes.month_start_date
    group by months.month_start_date

)

select
    months.month_start_date,
    deal_types.deal_type,
    cast(coalesce(bookings.deals, 0) as bigint) as deals,
    cast(coalesce(bookings.revenue, 0) as decimal(18, 2)) as revenue,
    cast(coalesce(bookings.customers, 0) as bigint) as customers,
    case
        when bookings.unconverted_deals = 0 then {{ money_per('bookings.revenue', 'bookings.customers') }}
    end as average_revenue_per_customer,
    cast(coalesce(subscription_months.recurring_revenue, 0) as decimal(18, 2)) as recurring_revenue,
    cast(coalesce(subscription_months.churned_revenue, 0) as decimal(18, 2)) as churned_revenue,
    cast(coalesce(bookings.referral_revenue, 0) as decimal(18, 2)) as referral_revenue,
    cast(coalesce(bookings.repeat_customers, 0) as bigint) as repeat_customers,
    cast(coalesce(bookings.repeat_revenue, 0) as decimal(18, 2)) as repeat_revenue,
    cast(coalesce(bookings.unconverted_deals, 0) as bigint) as unconverted_deals,
    cast(coalesce(subscription_months.unconverted_subscriptions, 0) as bigint) as unconverted_subscriptions
from months
cross join deal_types
left join bookings
    on
        months.month_start_date = bookings.month_start_date
        and deal_types.deal_type = bookings.deal_type
left join subscription_months
    on
        months.month_start_date = subscription_months.month_start_date
        and deal_types.deal_type = 'recurring'
