-- Sales: Quotas
-- The periods that run, by team. Expected by now: the quota of the business days gone by; coverage: open pipeline for each unit
-- of quota that is not booked yet. Bookings of who has no team stand under <i>no team</i>.
select
    coalesce(team, if(level = 'company', 'company', 'no team')) as team,
    period_end as until,
    target as quota,
    expected_by_now,
    bookings,
    attainment,
    pipeline_open as pipeline,
    cast(pipeline_coverage as decimal(18, 2)) as coverage
from sales.sales.rpt_quota_attainment
where is_running and level <> 'rep'
order by level = 'company', team, until
