-- The visits that web events make, with the person behind each: a visit ends after a silence (var), with a new source or
-- with another person. Who is known once is known in the visitor's other events, unless several people share the device:
-- such a visit is nobody's, and stays here to be counted.
with

people as (

    select source, source_person_id, person_key
    from {{ ref('int_people__resolved') }}

),

-- Whose visitor and click ids are; those that several people share say nothing of an event that names nobody.
known as (

    select
        visited.identifier_type,
        visited.identifier,
        min(case when visited.is_bound then people.person_key end) as person_key
    from {{ ref('int_identities__chained') }} as visited
    inner join people
        on visited.source = people.source and visited.source_person_id = people.source_person_id
    group by visited.identifier_type, visited.identifier

),

addresses as (

    select distinct identifier as normalised_email
    from {{ ref('int_identities__addressed') }}

),

events as (

    select
        events.event_id,
        coalesce(
            nullif(trim(events.visitor_id), ''), events.person_id, nullif(trim(events.email), ''), events.event_id
        ) as visitor_id,
        events.occurred_at,
        events.url,
        events.referrer,
        events.source,
        events.medium,
        events.campaign,
        events.click_id,
        lower(trim(events.event_name)) as event_name,
        coalesce(by_id.person_key, by_email.person_key, by_visitor.person_key, by_click.person_key) as person_key,
        case
            when coalesce(by_visitor.identifier, by_click.identifier) is not null then 'shared_device'
            when addresses.normalised_email is not null then 'shared_address'
            when emails.normalised_email is not null then 'unknown_address'
        end as nobody_reason
    from {{ ref('stg_files__web_events') }} as events
    left join people as by_id
        on by_id.source = 'files' and events.person_id = by_id.source_person_id
    left join {{ ref('int_identities__normalised') }} as emails on events.email = emails.email
    left join {{ ref('int_identities__bound') }} as by_email on emails.normalised_email = by_email.normalised_email
    left join addresses on emails.normalised_email = addresses.normalised_email
    left join known as by_visitor
        on by_visitor.identifier_type = 'visitor_id' and trim(events.visitor_id) = by_visitor.identifier
    left join known as by_click
        on
            by_click.identifier_type = 'click_id'
            and trim(events.click_id) = by_click.identifier
            and nullif(trim(events.visitor_id), '') is null
    where events.occurred_at < {{ as_of_end() }}

),

followed as (

    select
        *,
        lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id) as occurred_before_at,
        lag(person_key) over (partition by visitor_id order by occurred_at, event_id) as person_before_key,
        case
            when coalesce(source, medium, campaign, click_id) is not null
                then
                    coalesce(source, '') || '|' || coalesce(medium, '') || '|' || coalesce(campaign, '') || '|'
                    || coalesce(click_id, '')
        end as origin
    from events

),

-- Events of one person without a silence between them.
stretched as (

    select
        *,
        sum(
            case
                when
                    person_key is not distinct from person_before_key
                    and {{ dbt.datediff('occurred_before_at', 'occurred_at', 'second') }}
                    <= 60 * {{ var("session_timeout_minutes") }} then 0
                else 1
            end
        ) over (partition by visitor_id order by occurred_at, event_id rows unbounded preceding) as stretch
    from followed

),

-- Inner pages have no origin: among those events that have one, the one before tells the last known.
begun as (

    select
        *,
        row_number() over (partition by visitor_id, stretch order by occurred_at, event_id) = 1
        or origin <> coalesce(
            lag(origin) over (
                partition by visitor_id, stretch, origin is null order by occurred_at, event_id
            ), ''
        ) as is_first_of_visit
    from stretched

)

select
    event_id,
    person_key,
    case when person_key is null then nobody_reason end as nobody_reason,
    occurred_at as touched_at,
    url,
    referrer,
    source,
    medium,
    campaign,
    click_id,
    coalesce(source, medium, campaign, click_id) is null as is_unmarked
from begun
where is_first_of_visit and coalesce(person_key, nobody_reason) is not null
