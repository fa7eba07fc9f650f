-- Members of lists: the days on which they joined and left, and each day on which they were on the list.
with

members as (

    select
        list_id, list_id || ' ' || member_id as member_key, status,
        business_date(joined_at) as joined_on, business_date(left_at) as left_on
    from build.intermediate.int_email_memberships__dated

)

select
    joined_on as activity_date, list_id, member_key, 'joined' as change, 1 as joined, 0 as unsubscribed, 0 as bounced,
    0 as archived, 0 as subscribers
from members
union all
select
    left_on, list_id, member_key, status, 0, if(status = 'unsubscribed', 1, 0), if(status = 'bounced', 1, 0),
    if(status not in ('unsubscribed', 'bounced'), 1, 0), 0
from members
where left_on is not null
union all
select date_day, list_id, member_key, 'on the list', 0, 0, 0, 0, 1
from members
inner join build.core.dim_dates
    on date_day between joined_on and least(left_on - 1, getvariable('as_of'))
