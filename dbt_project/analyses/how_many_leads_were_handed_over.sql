select
    month_start_date,
    sum(handoffs) as handoffs
from {{ ref('rpt_sla_monthly') }}
where handoffs > 0
group by month_start_date
order by month_start_date
