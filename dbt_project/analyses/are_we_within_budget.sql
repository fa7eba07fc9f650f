select
    month_start_date,
    budget,
    spend_reporting as spend,
    round(100 * attainment, 2) as attainment_percent
from {{ ref('rpt_budget_attainment') }}
where level = 'company'
order by month_start_date
