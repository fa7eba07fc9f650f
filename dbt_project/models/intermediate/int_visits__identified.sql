-- The visits that web events make, with the person behind each: a visit ends after a silence (var) or with a new
-- source. Who is known once is known in the visitor's other events: from the last identification, else from the first.
with

events as (

    select
        events.event_id,
        coalesce(events.visitor_id, events.person_id, events.email, events.event_id) as visitor_id,
        events.occurred_at,
        events.url,
        events.referrer,
        events.source,
        events.medium,
        events.campaign,
        events.click_id,
        lower(trim(events.event_name)) as event_name,
        coalesce(by_id.person_key, by_email.person_key) as person_key
    from {{ ref('stg_files__web_events') }} as events
    left join {{ ref('int_people__resolved') }} as by_id
        on by_id.source = 'files' and events.person_id = by_id.source_person_id
    left join {{ ref('int_identities__normalised') }} as emails on events.email = emails.email
    left join {{ ref('int_identities__bound') }} as by_email on emails.normalised_email = by_email.normalised_email
    where events.occurred_at < {{ as_of_end() }}

),

identified as (

    select
        *,
        coalesce(
            {{ known_at('person_key', partition_by='visitor_id', at='occurred_at') }},
            min_by(person_key, case when person_key is not null then occurred_at end) over (partition by visitor_id)
        ) as known_person_key,
        lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id) as occurred_before_at,
        coalesce(source, medium, campaign, click_id) is not null
        and coalesce(source, '') || '|' || coalesce(medium, '') || '|' || coalesce(campaign, '') || '|'
        || coalesce(click_id, '') <> lag(
            coalesce(source, '') || '|' || coalesce(medium, '') || '|' || coalesce(campaign, '') || '|'
            || coalesce(click_id, '')
        ) over (partition by visitor_id order by occurred_at, event_id) as has_new_source
    from events

),

begun as (

    select
        *,
        coalesce(
            has_new_source
            or occurred_before_at is null
            or {{ dbt.datediff('occurred_before_at', 'occurred_at', 'second') }} > 60 * {{ var("session_timeout_minutes") }},
            true
        ) as is_first_of_visit
    from identified

)

select
    event_id,
    known_person_key as person_key,
    occurred_at as touched_at,
    url,
    referrer,
    source,
    medium,
    campaign,
    click_id,
    coalesce(source, medium, campaign, click_id) is null as is_unmarked
from begun
where is_first_of_visit and known_person_key is not null
