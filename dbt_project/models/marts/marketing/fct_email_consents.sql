with

memberships as (

    select * from {{ ref('int_email_memberships__dated') }}

),

mailboxes as (

    select distinct
        lower(email) as email,
        normalised_email
    from {{ ref('int_identities__normalised') }}

),

people as (

    select
        bound.normalised_email,
        people.person_key
    from {{ ref('int_identities__bound') }} as bound
    inner join {{ ref('int_people__merged') }} as people
        on people.person_key = bound.person_key

),

-- One address that is still on the list is enough to write to a person.
consents as (

    select
        people.person_key,
        memberships.list_id,
        max(memberships.list_name) as list_name,
        max(case when memberships.left_at is null then 1 else 0 end) = 1 as is_subscribed,
        min(memberships.joined_at) as consented_at,
        max(memberships.left_at) as left_at,
        max_by(memberships.status, memberships.left_at) as left_as
    from memberships
    inner join mailboxes
        on mailboxes.email = memberships.email
    inner join people
        on people.normalised_email = mailboxes.normalised_email
    group by people.person_key, memberships.list_id

)

select
    {{ surrogate_key(["'mailchimp'", 'list_id', 'person_key']) }} as email_consent_key,
    person_key,
    'mailchimp' as platform,
    list_id,
    list_name,
    is_subscribed,
    case when is_subscribed then 'subscribed' else left_as end as status,
    consented_at,
    case when not is_subscribed then left_at end as withdrawn_at
from consents
