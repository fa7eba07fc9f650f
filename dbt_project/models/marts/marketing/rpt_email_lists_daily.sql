with

memberships as (

    select * from {{ ref('int_email_memberships__dated') }}

),

-- Whoever joined before the calendar is there from its first day on.
changes as (

    select
        list_id,
        list_name,
        greatest({{ business_date('joined_at') }}, {{ calendar_start_date() }}) as activity_date,
        1 as joined,
        0 as unsubscribed,
        0 as bounced,
        0 as archived
    from memberships
    union all
    select
        list_id,
        list_name,
        greatest({{ business_date('left_at') }}, {{ calendar_start_date() }}) as activity_date,
        0 as joined,
        case when status = 'unsubscribed' then 1 else 0 end as unsubscribed,
        case when status = 'bounced' then 1 else 0 end as bounced,
        case when status not in ('unsubscribed', 'bounced') then 1 else 0 end as archived
    from memberships
    where left_at is not null

),

lists as (

    select
        list_id,
        max(list_name) as list_name,
        min(activity_date) as first_date
    from changes
    group by list_id

),

changed as (

    select
        list_id,
        activity_date,
        sum(joined) as joined,
        sum(unsubscribed) as unsubscribed,
        sum(bounced) as bounced,
        sum(archived) as archived
    from changes
    group by list_id, activity_date

),

daily as (

    select
        lists.list_id,
        lists.list_name,
        dates.date_day as activity_date,
        coalesce(changed.joined, 0) as joined,
        coalesce(changed.unsubscribed, 0) as unsubscribed,
        coalesce(changed.bounced, 0) as bounced,
        coalesce(changed.archived, 0) as archived
    from lists
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day between lists.first_date and {{ as_of_date() }}
    left join changed
        on
            changed.list_id = lists.list_id
            and changed.activity_date = dates.date_day

)

select
    {{ surrogate_key(["'mailchimp'", 'list_id', 'activity_date']) }} as email_list_daily_key,
    activity_date,
    'mailchimp' as platform,
    list_id,
    list_name,
    cast(
        sum(joined - unsubscribed - bounced - archived) over (
            partition by list_id order by activity_date rows between unbounded preceding and current row
        ) as bigint
    ) as subscribers,
    cast(joined as bigint) as joined,
    cast(unsubscribed as bigint) as unsubscribed,
    cast(bounced as bigint) as bounced,
    cast(archived as bigint) as archived
from daily
