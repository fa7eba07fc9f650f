-- How far the leads of a month came, by the channel that brought them and their segment.
select
    cohort_month,
    channel,
    segment,
    stage,
    entered,
    reached,
    conversion_rate,
    median_days,
    maturity
from {{ ref('int_cohorts__counted') }}
where segment is not null
