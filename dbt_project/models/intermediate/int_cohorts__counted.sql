-- How far the leads of a month came: by channel, and by channel and segment (`segment` empty: all segments together).
with

leads as (

    select * from {{ ref('int_leads__followed') }}

),

slow as (

    select stage, {{ quantile('days', 0.9) }} as days
    from leads
    group by stage

)

select
    leads.cohort_month,
    leads.channel,
    leads.segment,
    leads.stage,
    count(*) as entered,
    count(leads.reached_at) as reached,
    cast(round(count(leads.reached_at) / nullif(cast(count(*) as double), 0), 9) as double) as conversion_rate,
    cast(round({{ quantile('leads.days', 0.5) }}, 6) as double) as median_days,
    cast(
        round(sum(case when leads.age_days > slow.days then 1 else 0 end) / nullif(cast(count(*) as double), 0), 9) as double
    ) as maturity
from leads
inner join slow on leads.stage = slow.stage
group by
    grouping sets (
        (leads.cohort_month, leads.channel, leads.stage),
        (leads.cohort_month, leads.channel, leads.segment, leads.stage)
    )
