select
    month_start_date,
    sum(recurring_revenue) as recurring_revenue
from {{ ref('rpt_revenue_monthly') }}
where recurring_revenue <> 0
group by month_start_date
order by month_start_date
