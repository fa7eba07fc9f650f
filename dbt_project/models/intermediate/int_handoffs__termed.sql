with

spells as (

    select
        *,
        lead(entered_at) over (partition by person_key order by entered_at, entry_number) as next_qualified_at
    from {{ ref('fct_lead_stages') }}
    where stage = 'qualified'

),

sla_terms as (

    select
        sla_version,
        lower(nullif(trim(segment), '')) as segment,
        valid_from,
        response_hours,
        {{ surrogate_key(['day_starts_at', 'day_ends_at', 'working_days', 'time_zone', 'country']) }} as calendar_key
    from {{ ref('sla_terms') }}

),

hours as (

    select * from {{ ref('int_business_hours__counted') }}

),

handoffs as (

    select
        spells.lead_stage_key as handoff_key,
        spells.person_key,
        people.segment,
        people.original_channel as channel,
        people.original_campaign_key as campaign_key,
        spells.entered_at as qualified_at,
        spells.next_qualified_at,
        spells.entry_number
    from spells
    inner join {{ ref('dim_people') }} as people
        on spells.person_key = people.person_key

),

-- The terms valid on the day of the handoff: the segment's own, else the default.
termed as (

    select
        handoffs.*,
        sla_terms.sla_version,
        coalesce(sla_terms.segment, 'unsegmented') as sla_segment,
        cast(round(sla_terms.response_hours * 3600) as bigint) as response_seconds,
        sla_terms.calendar_key,
        row_number() over (
            partition by handoffs.handoff_key
            order by sla_terms.segment nulls last, sla_terms.valid_from desc nulls last
        ) as place
    from handoffs
    left join sla_terms
        on
            (handoffs.segment = sla_terms.segment or sla_terms.segment is null)
            and {{ business_date('handoffs.qualified_at') }} >= sla_terms.valid_from

),

started as (

    select
        termed.*,
        {{ business_seconds('hours', 'termed.qualified_at') }} as started_at_second
    from termed
    left join hours
        on
            termed.calendar_key = hours.calendar_key
            and {{ opened_before('hours', 'termed.qualified_at') }}
    where termed.place = 1

)

select
    started.handoff_key,
    started.person_key,
    started.segment,
    started.channel,
    started.campaign_key,
    started.qualified_at,
    started.next_qualified_at,
    started.entry_number,
    started.sla_version,
    started.sla_segment,
    started.calendar_key,
    started.started_at_second,
    case
        when hours.opens_at is not null
            then greatest(
                cast({{ dbt.dateadd('second', 'started.started_at_second + started.response_seconds - hours.seconds_before', 'hours.opens_at') }} as timestamp),
                started.qualified_at
            )
    end as due_at
from started
left join hours
    on
        started.calendar_key = hours.calendar_key
        and started.started_at_second + started.response_seconds > hours.seconds_before
        and started.started_at_second + started.response_seconds <= hours.seconds_before + hours.seconds
