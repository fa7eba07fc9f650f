with

months as (

    select distinct month_start_date from {{ ref('rpt_revenue_monthly') }}

),

bookings as (

    select
        dates.month_start_date,
        count(*) as deals,
        sum(deals.amount_reporting) as revenue,
        sum(case when deals.purchase_number = 1 then deals.amount_reporting end) as new_revenue,
        sum(case when deals.purchase_number > 1 then deals.amount_reporting end) as repeat_revenue,
        sum(case when deals.purchase_number is null then deals.amount_reporting end) as refunds,
        count(distinct case when deals.purchase_number >= 1 then deals.customer_key end) as customers,
        count(distinct case when deals.purchase_number = 1 then deals.customer_key end) as new_customers,
        count(distinct case when deals.purchase_number > 1 then deals.customer_key end) as repeat_customers,
        sum(case when deals.amount is not null and deals.amount_reporting is null then 1 else 0 end) as unconverted_deals
    from {{ ref('fct_deals') }} as deals
    inner join {{ ref('dim_dates') }} as dates
        on deals.closed_date = dates.date_day
    where deals.is_won
    group by dates.month_start_date

)

select
    months.month_start_date,
    cast(coalesce(bookings.deals, 0) as bigint) as deals,
    cast(coalesce(bookings.revenue, 0) as decimal(18, 2)) as revenue,
    cast(coalesce(bookings.new_revenue, 0) as decimal(18, 2)) as new_revenue,
    cast(coalesce(bookings.repeat_revenue, 0) as decimal(18, 2)) as repeat_revenue,
    cast(coalesce(bookings.refunds, 0) as decimal(18, 2)) as refunds,
    cast(coalesce(bookings.customers, 0) as bigint) as customers,
    cast(coalesce(bookings.new_customers, 0) as bigint) as new_customers,
    cast(coalesce(bookings.repeat_customers, 0) as bigint) as repeat_customers,
    case
        when bookings.unconverted_deals = 0 then {{ money_per('bookings.revenue', 'bookings.customers') }}
    end as average_revenue_per_customer,
    cast(coalesce(bookings.unconverted_deals, 0) as bigint) as unconverted_deals
from months
left join bookings
    on months.month_start_date = bookings.month_start_date
