select
    month_start_date,
    sum(committed_leads) as committed_leads,
    sum(delivered_leads) as delivered_leads,
    sum(handoffs) as handoffs
from {{ ref('rpt_sla_monthly') }}
group by month_start_date
order by month_start_date
