-- By which visitor and click ids each record was seen, and which of them may make records one person: judged one by one, by
-- the people of CRM merges and addresses.
with

people as (

    select * from {{ ref('int_people__addressed') }}

),

mailboxes as (

    select identifier as normalised_email, min(record_number) as record_number
    from {{ ref('int_identities__addressed') }}
    where is_bound
    group by identifier

),

events as (

    select
        nullif(trim(events.visitor_id), '') as visitor_id,
        nullif(trim(events.click_id), '') as click_id,
        events.occurred_at,
        coalesce(named.record_number, mailboxes.record_number) as record_number
    from {{ ref('stg_files__web_events') }} as events
    left join people as named on named.source = 'files' and events.person_id = named.source_person_id
    left join {{ ref('int_identities__normalised') }} as emails on events.email = emails.email
    left join mailboxes on emails.normalised_email = mailboxes.normalised_email
    where events.occurred_at < {{ as_of_end() }}

),

known as (

    select
        record_number,
        'click_id' as identifier_type,
        click_id as identifier,
        'web_event' as rule,
        occurred_at as seen_at
    from events
    where record_number is not null and click_id is not null
    union all
    select record_number, 'visitor_id', visitor_id, 'web_event', occurred_at
    from events
    where record_number is not null and visitor_id is not null
    union all
    select people.record_number, 'click_id', trim(history.value), 'property_history', history.changed_at
    from {{ ref('stg_hubspot__contact_history') }} as history
    inner join people on people.source = 'hubspot' and history.contact_id = people.source_person_id
    where
        history.property in ('hs_google_click_id', 'hs_facebook_click_id')
        and trim(history.value) <> ''
        and history.changed_at < {{ as_of_end() }}

),

-- A click of one person and one visitor tells who the visitor is, if nothing else does.
clickers as (

    select known.identifier as click_id, min(known.record_number) as record_number
    from known
    inner join people on known.record_number = people.record_number
    where known.identifier_type = 'click_id'
    group by known.identifier
    having count(distinct people.addressed_number) = 1

),

clicked as (

    select click_id, min(visitor_id) as visitor_id, min(occurred_at) as seen_at
    from events
    where click_id is not null and visitor_id is not null
    group by click_id
    having count(distinct visitor_id) = 1

),

known_visitors as (

    select distinct identifier as visitor_id
    from known
    where identifier_type = 'visitor_id'

),

told as (

    select * from known
    union all
    select
        clickers.record_number,
        'visitor_id' as identifier_type,
        clicked.visitor_id as identifier,
        'click' as rule,
        clicked.seen_at
    from clicked
    inner join clickers on clicked.click_id = clickers.click_id
    left join known_visitors on clicked.visitor_id = known_visitors.visitor_id
    where known_visitors.visitor_id is null

),

sightings as (

    select
        people.source,
        people.source_person_id,
        people.record_number,
        people.addressed_number,
        people.has_email,
        told.identifier_type,
        told.identifier,
        told.rule,
        told.seen_at,
        row_number() over (
            partition by told.record_number, told.identifier_type, told.identifier order by told.seen_at, told.rule
        ) as place
    from told
    inner join people on told.record_number = people.record_number

),

shared as (

    select
        identifier_type,
        identifier,
        count(distinct addressed_number) as people,
        count(distinct case when has_email then addressed_number end) as people_with_email
    from sightings
    group by identifier_type, identifier

),

judged as (

    select
        sightings.source,
        sightings.source_person_id,
        sightings.record_number,
        sightings.addressed_number,
        sightings.identifier_type,
        sightings.identifier,
        sightings.rule,
        sightings.seen_at as first_seen_at,
        case
            when shared.people = 1 then cast(null as {{ dbt.type_string() }})
            when not coalesce(rules.is_binding, false) then 'does_not_bind'
            when shared.people > rules.max_people then 'too_many_people'
            when shared.people_with_email > rules.max_people_with_email then 'too_many_people_with_email'
        end as refusal_reason
    from sightings
    inner join shared
        on sightings.identifier_type = shared.identifier_type and sightings.identifier = shared.identifier
    left join {{ ref('identity_rules') }} as rules on sightings.identifier_type = rules.identifier_type
    where sightings.place = 1

)

select
    *,
    refusal_reason is null as is_bound
from judged
