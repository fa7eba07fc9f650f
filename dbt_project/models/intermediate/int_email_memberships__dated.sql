with

members as (

    select * from {{ ref('stg_mailchimp__members') }}

),

lists as (

    select * from {{ ref('stg_mailchimp__lists') }}

),

joined as (

    select
        members.list_id,
        lists.list_name,
        members.member_id,
        lower(members.email) as email,
        members.status,
        coalesce(members.joined_at, lists.created_at, members.changed_at) as joined_at,
        members.changed_at
    from members
    left join lists
        on lists.list_id = members.list_id
    -- Who has not confirmed, or only ever bought something, never agreed to be on the list.
    where members.status not in ('pending', 'transactional')

),

-- Who unsubscribed before joining came back since.
unsubscribes as (

    select
        joined.list_id,
        joined.member_id,
        max(unsubscribes.occurred_at) as occurred_at
    from joined
    inner join {{ ref('stg_mailchimp__unsubscribes') }} as unsubscribes
        on
            unsubscribes.list_id = joined.list_id
            and lower(unsubscribes.email) = joined.email
            and unsubscribes.occurred_at >= joined.joined_at
    group by joined.list_id, joined.member_id

),

-- Mailchimp keeps the last change of any kind; the moment of the unsubscribing itself is better, where it is told.
dated as (

    select
        joined.*,
        case
            when joined.status = 'subscribed' then cast(null as timestamp)
            when joined.status = 'unsubscribed' then coalesce(unsubscribes.occurred_at, joined.changed_at)
            else joined.changed_at
        end as left_at
    from joined
    left join unsubscribes
        on
            unsubscribes.list_id = joined.list_id
            and unsubscribes.member_id = joined.member_id

),

-- As the list stood at the end of the business day: who left later was still on it.
known as (

    select
        list_id,
        list_name,
        member_id,
        email,
        joined_at,
        case when left_at < {{ as_of_end() }} then greatest(left_at, joined_at) end as left_at,
        case
            when left_at >= {{ as_of_end() }} then 'subscribed'
            when status = 'cleaned' then 'bounced'
            else status
        end as status
    from dated
    where joined_at < {{ as_of_end() }}

)

select * from known
