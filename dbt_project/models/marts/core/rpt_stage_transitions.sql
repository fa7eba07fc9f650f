-- How people went from stage to stage, and how long they had stood in the one they left.
with

spells as (

    select
        spells.person_key,
        spells.spell_number,
        spells.stage,
        spells.previous_stage,
        spells.duration_seconds,
        people.original_channel as channel,
        cast({{ dbt.date_trunc('month', business_date('spells.entered_at')) }} as date) as month_start_date
    from {{ ref('fct_lead_stages') }} as spells
    inner join {{ ref('dim_people') }} as people on spells.person_key = people.person_key

),

transitions as (

    select
        entered.previous_stage as from_stage,
        entered.stage as to_stage,
        entered.channel,
        entered.month_start_date,
        stayed.duration_seconds
    from spells as entered
    left join spells as stayed
        on entered.person_key = stayed.person_key and entered.spell_number = stayed.spell_number + 1

)

select
    from_stage,
    to_stage,
    channel,
    month_start_date,
    count(*) as transitions,
    cast(sum(duration_seconds) as bigint) as total_seconds,
    cast(round(sum(duration_seconds) / cast(count(duration_seconds) as double), 6) as double) as mean_seconds,
    cast(round({{ quantile('duration_seconds', 0.5) }}, 6) as double) as median_seconds,
    min(duration_seconds) as min_seconds,
    max(duration_seconds) as max_seconds
from transitions
group by from_stage, to_stage, channel, month_start_date
