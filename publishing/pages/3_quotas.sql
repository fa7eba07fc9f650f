-- Sales: Quotas
-- The periods that run, by team. Expected by now: the quota of the business days gone by; coverage: open pipeline for each unit
-- of quota that is not booked yet; without a rate: quotas and shares of deals whose currency has none, which leave no ratio.
-- Bookings of who has no team stand under <i>no team</i>.
select
    coalesce(team, if(level = 'company', 'company', 'no team')) as team,
    period_end as until,
    target as quota,
    expected_by_now,
    bookings,
    attainment,
    pipeline_open as pipeline,
    cast(pipeline_coverage as decimal(18, 2)) as coverage,
    unconverted_quotas + unconverted_deals + unconverted_open_deals as without_a_rate
from sales.sales.rpt_quota_attainment
where is_running and level <> 'rep'
order by level = 'company', team, until
