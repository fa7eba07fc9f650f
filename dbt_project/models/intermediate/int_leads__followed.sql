-- Each lead and how far up the ladder they came: who skips a stage has passed it.
with

leads as (

    select
        conversions.person_key,
        conversions.converted_at as lead_at,
        cast({{ dbt.date_trunc('month', business_date('conversions.converted_at')) }} as date) as cohort_month,
        people.original_channel as channel,
        people.segment
    from {{ ref('int_conversions__derived') }} as conversions
    inner join {{ ref('dim_people') }} as people on conversions.person_key = people.person_key
    where conversions.conversion_type = 'lead'

),

stages as (

    select stage, stage_rank
    from {{ ref('lead_stages') }}
    where stage_rank >= 2

),

reached as (

    select
        spells.person_key,
        stages.stage,
        min(spells.entered_at) as reached_at
    from {{ ref('int_lead_stages__spelled') }} as spells
    inner join stages on spells.stage_rank >= stages.stage_rank
    group by spells.person_key, stages.stage

)

select
    leads.person_key,
    leads.cohort_month,
    leads.channel,
    leads.segment,
    stages.stage,
    leads.lead_at,
    reached.reached_at,
    {{ dbt.datediff('leads.lead_at', 'reached.reached_at', 'second') }} / 86400.0 as days,
    {{ dbt.datediff('leads.lead_at', '(' ~ as_of_end() ~ ')', 'second') }} / 86400.0 as age_days
from leads
cross join stages
left join reached on leads.person_key = reached.person_key and stages.stage = reached.stage
