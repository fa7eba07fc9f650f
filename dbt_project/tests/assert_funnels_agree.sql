-- Whether by cohort, by segment or by month of the event, the same people reach the same stages.
with

cohorts as (

    select cohort_month, channel, stage, entered, reached
    from {{ ref('rpt_funnel_cohorts') }}

),

segments as (

    select cohort_month, channel, stage, sum(entered) as entered, sum(reached) as reached
    from {{ ref('rpt_funnel_segments') }}
    group by cohort_month, channel, stage

),

calendar as (

    select cohort_month, channel, stage, sum(reached) as reached
    from {{ ref('rpt_funnel_calendar') }}
    group by cohort_month, channel, stage

)

select
    coalesce(cohorts.cohort_month, segments.cohort_month, calendar.cohort_month) as cohort_month,
    coalesce(cohorts.channel, segments.channel, calendar.channel) as channel,
    coalesce(cohorts.stage, segments.stage, calendar.stage) as stage,
    cohorts.entered,
    cohorts.reached,
    segments.entered as entered_by_segment,
    segments.reached as reached_by_segment,
    calendar.reached as reached_by_month
from cohorts
full outer join segments
    on
        cohorts.cohort_month = segments.cohort_month
        and cohorts.channel = segments.channel
        and cohorts.stage = segments.stage
full outer join calendar
    on
        cohorts.cohort_month = calendar.cohort_month
        and cohorts.channel = calendar.channel
        and cohorts.stage = calendar.stage
where
    cohorts.entered is distinct from segments.entered
    or cohorts.reached is distinct from segments.reached
    or coalesce(cohorts.reached, 0) <> coalesce(calendar.reached, 0)
