-- How far the leads of a month came, by the channel that brought them.
with

leads as (

    select
        conversions.person_key,
        conversions.converted_at as lead_at,
        cast({{ dbt.date_trunc('month', business_date('conversions.converted_at')) }} as date) as cohort_month,
        people.original_channel as channel
    from {{ ref('int_conversions__derived') }} as conversions
    inner join {{ ref('dim_people') }} as people on conversions.person_key = people.person_key
    where conversions.conversion_type = 'lead'

),

stages as (

    select stage, stage_rank
    from {{ ref('lead_stages') }}
    where stage_rank >= 2

),

cohorts as (

    select cohort_month, channel, count(*) as entered
    from leads
    group by cohort_month, channel

),

-- Who skips a stage has passed it.
reached as (

    select
        spells.person_key,
        stages.stage,
        min(spells.entered_at) as reached_at
    from {{ ref('int_lead_stages__spelled') }} as spells
    inner join stages on spells.stage_rank >= stages.stage_rank
    group by spells.person_key, stages.stage

),

times as (

    select
        leads.cohort_month,
        leads.channel,
        reached.stage,
        {{ dbt.datediff('leads.lead_at', 'reached.reached_at', 'second') }} / 86400.0 as days
    from leads
    inner join reached on leads.person_key = reached.person_key

),

counted as (

    select
        cohort_month,
        channel,
        stage,
        count(*) as reached,
        {{ quantile('days', 0.5) }} as median_days
    from times
    group by cohort_month, channel, stage

),

slow as (

    select stage, {{ quantile('days', 0.9) }} as days
    from times
    group by stage

),

matured as (

    select
        leads.cohort_month,
        leads.channel,
        slow.stage,
        sum(
            case when {{ dbt.datediff('leads.lead_at', '(' ~ as_of_end() ~ ')', 'second') }} / 86400.0 > slow.days then 1 else 0 end
        ) as mature
    from leads
    cross join slow
    group by leads.cohort_month, leads.channel, slow.stage

)

select
    cohorts.cohort_month,
    cohorts.channel,
    stages.stage,
    cohorts.entered,
    coalesce(counted.reached, 0) as reached,
    cast(round(coalesce(counted.reached, 0) / nullif(cast(cohorts.entered as double), 0), 9) as double) as conversion_rate,
    cast(round(counted.median_days, 6) as double) as median_days,
    cast(round(coalesce(matured.mature, 0) / nullif(cast(cohorts.entered as double), 0), 9) as double) as maturity
from cohorts
cross join stages
left join counted
    on
        cohorts.cohort_month = counted.cohort_month
        and cohorts.channel = counted.channel
        and stages.stage = counted.stage
left join matured
    on
        cohorts.cohort_month = matured.cohort_month
        and cohorts.channel = matured.channel
        and stages.stage = matured.stage
