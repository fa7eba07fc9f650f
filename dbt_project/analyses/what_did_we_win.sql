select
    month_start_date,
    sum(revenue) as revenue
from {{ ref('rpt_revenue_monthly') }}
where revenue <> 0
group by month_start_date
order by month_start_date
