-- Touches that name nobody, or what no record or several people go by - an address, a device: in no path, and counted.
with

files as (

    select
        'files' as source,
        'names_nobody' as reason,
        count(*) as touches
    from {{ ref('stg_files__touches') }}
    where person_id is null and touched_at < {{ as_of_end() }}

),

clicks as (

    select
        clicks.platform as source,
        case when addressed.identifier is null then 'unknown_address' else 'shared_address' end as reason,
        count(*) as touches
    from {{ ref('int_email_events__classified') }} as clicks
    left join {{ ref('int_identities__normalised') }} as emails on clicks.email = emails.email
    left join {{ ref('int_identities__bound') }} as bound on emails.normalised_email = bound.normalised_email
    left join (select distinct identifier from {{ ref('int_identities__addressed') }}) as addressed
        on emails.normalised_email = addressed.identifier
    where clicks.action = 'click' and not clicks.is_machine and bound.normalised_email is null
    group by clicks.platform, case when addressed.identifier is null then 'unknown_address' else 'shared_address' end

),

visits as (

    select
        'files' as source,
        nobody_reason as reason,
        count(*) as touches
    from {{ ref('int_visits__identified') }}
    where person_key is null
    group by nobody_reason

)

select * from files where touches > 0
union all
select * from clicks
union all
select * from visits
