with

memberships as (

    select * from {{ ref('int_email_memberships__dated') }}

),

opt_outs as (

    select opt_outs.*
    from {{ ref('int_email_opt_outs__held') }} as opt_outs
    inner join {{ ref('int_people__merged') }} as people
        on people.person_key = opt_outs.person_key

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

members as (

    select
        people.person_key,
        memberships.list_id,
        memberships.list_name,
        memberships.status,
        memberships.joined_at,
        memberships.left_at,
        max(memberships.joined_at) over (partition by people.person_key, memberships.list_id) as last_joined_at
    from memberships
    inner join mailboxes
        on mailboxes.email = memberships.email
    inner join people
        on people.normalised_email = mailboxes.normalised_email

),

-- One address that mail still reaches is enough to write to a person, as long as no word of theirs forbids it.
lists as (

    select
        person_key,
        list_id,
        max(list_name) as list_name,
        min(joined_at) as consented_at,
        max(last_joined_at) as last_joined_at,
        max(case when left_at is null then 1 else 0 end) = 1 as is_reached,
        max(left_at) as left_at,
        max_by(case when status = 'bounced' then 'undeliverable' else status end, left_at) as left_as
    from members
    group by person_key, list_id

),

-- Any of a person's records withdraws the consent of all; who signs up again later consents again.
withdrawals as (

    select
        person_key,
        list_id,
        left_at as withdrawn_at,
        'unsubscribed' as withdrawal,
        'mailchimp' as withdrawn_by
    from members
    where
        status = 'unsubscribed'
        and left_at >= last_joined_at
    union all
    select
        lists.person_key,
        lists.list_id,
        opt_outs.opted_out_at as withdrawn_at,
        'opted_out' as withdrawal,
        opt_outs.platform as withdrawn_by
    from lists
    inner join opt_outs
        on opt_outs.person_key = lists.person_key
    where opt_outs.opted_out_at >= lists.last_joined_at

),

first_withdrawals as (

    select
        *,
        row_number() over (partition by person_key, list_id order by withdrawn_at asc, withdrawal asc) as place
    from withdrawals

),

consents as (

    select
        lists.person_key,
        'mailchimp' as platform,
        lists.list_id,
        lists.list_name,
        case
            when first_withdrawals.withdrawn_at is not null then 'unsubscribed'
            when lists.is_reached then 'subscribed'
            else lists.left_as
        end as status,
        lists.consented_at,
        first_withdrawals.withdrawn_at,
        first_withdrawals.withdrawal,
        first_withdrawals.withdrawn_by,
        case
            when first_withdrawals.withdrawn_at is null and not lists.is_reached then lists.left_at
        end as unreached_at
    from lists
    left join first_withdrawals
        on
            first_withdrawals.person_key = lists.person_key
            and first_withdrawals.list_id = lists.list_id
            and first_withdrawals.place = 1
    union all
    select
        person_key,
        platform,
        'all' as list_id,
        'All marketing email' as list_name,
        case when opted_out_at is null then 'subscribed' else 'unsubscribed' end as status,
        taken_back_at as consented_at,
        opted_out_at as withdrawn_at,
        case when opted_out_at is not null then 'opted_out' end as withdrawal,
        case when opted_out_at is not null then platform end as withdrawn_by,
        cast(null as timestamp) as unreached_at
    from opt_outs

)

select
    {{ surrogate_key(['platform', 'list_id', 'person_key']) }} as email_consent_key,
    person_key,
    platform,
    list_id,
    list_name,
    status = 'subscribed' as is_subscribed,
    status,
    consented_at,
    withdrawn_at,
    withdrawal,
    withdrawn_by,
    unreached_at
from consents
