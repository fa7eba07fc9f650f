-- Which channel follows which: the steps of the paths that converted, and of the people who did not (whose lookback
-- window ends with the business day), by kind of conversion.
with

conversions as (

    select distinct conversion_type from {{ ref('int_conversions__derived') }}

),

converted_steps as (

    select
        conversion_type,
        channel,
        lag(channel) over (partition by conversion_key order by position) as previous_channel,
        position = touches as is_last,
        '(conversion)' as outcome
    from {{ ref('int_touches__pathed') }}

),

recent_steps as (

    select
        person_key,
        channel,
        lag(channel) over (partition by person_key order by touched_at, source, source_touch_id) as previous_channel,
        lead(channel) over (partition by person_key order by touched_at, source, source_touch_id) is null as is_last
    from {{ ref('int_touches__admitted') }}
    {% if var('attribution_lookback_days') is not none %}
        where touched_at >= {{ dbt.dateadd('day', -var('attribution_lookback_days'), as_of_end()) }}
    {% endif %}

),

unconverted_steps as (

    select
        conversions.conversion_type,
        recent_steps.channel,
        recent_steps.previous_channel,
        recent_steps.is_last,
        '(null)' as outcome
    from recent_steps
    inner join conversions on true
    left join {{ ref('int_conversions__peopled') }} as peopled
        on
            recent_steps.person_key = peopled.person_key
            and conversions.conversion_type = peopled.conversion_type
    where peopled.person_key is null

),

steps as (

    select * from converted_steps
    union all
    select * from unconverted_steps

),

transitions as (

    select conversion_type, coalesce(previous_channel, '(start)') as from_state, channel as to_state
    from steps
    union all
    select conversion_type, channel, outcome
    from steps
    where is_last

),

counted as (

    select conversion_type, from_state, to_state, count(*) as transitions
    from transitions
    group by conversion_type, from_state, to_state

)

select
    conversion_type,
    from_state,
    to_state,
    transitions,
    cast(transitions as double) / sum(transitions) over (partition by conversion_type, from_state) as probability
from counted
