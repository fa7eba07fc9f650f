-- A month is told as a whole and by type of deal: the same deals and money, and no more customers than the types together.
with

by_type as (

    select
        month_start_date,
        sum(deals) as deals,
        sum(revenue) as revenue,
        sum(repeat_revenue) as repeat_revenue,
        sum(unconverted_deals) as unconverted_deals,
        sum(customers) as customers,
        max(customers) as customers_of_one_type
    from {{ ref('rpt_revenue_monthly') }}
    group by month_start_date

)

select
    month_start_date,
    by_type.revenue as revenue_by_type,
    months.revenue,
    by_type.customers as customers_by_type,
    months.customers,
    months.new_customers,
    months.repeat_customers
from by_type
full outer join {{ ref('rpt_customers_monthly') }} as months
    using (month_start_date)
where
    by_type.deals is distinct from months.deals
    or by_type.revenue is distinct from months.revenue
    or by_type.repeat_revenue is distinct from months.repeat_revenue
    or by_type.unconverted_deals is distinct from months.unconverted_deals
    or months.revenue <> months.new_revenue + months.repeat_revenue + months.refunds
    or months.customers not between by_type.customers_of_one_type and by_type.customers
    or months.customers not between greatest(months.new_customers, months.repeat_customers)
    and months.new_customers + months.repeat_customers
