-- How far the leads of a month came, by the channel that brought them.
select
    cohort_month,
    channel,
    stage,
    entered,
    reached,
    conversion_rate,
    median_days,
    maturity
from {{ ref('int_cohorts__counted') }}
where segment is null
