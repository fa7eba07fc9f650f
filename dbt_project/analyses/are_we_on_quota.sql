select
    period_start,
    target,
    bookings,
    round(100 * attainment, 2) as attainment_percent
from {{ ref('rpt_quota_attainment') }}
where level = 'company'
order by period_start
