with

history as (

    select
        contact_id,
        changed_at,
        value = 'true' as is_out,
        coalesce(lag(value) over (partition by contact_id order by changed_at, value) = 'true', false) as was_out
    from {{ ref('stg_hubspot__contact_history') }}
    where
        property = 'hs_email_optout'
        and changed_at < {{ as_of_end() }}

),

-- A contact that never was out says nothing by not being out.
words as (

    select
        resolved.person_key,
        history.changed_at,
        history.is_out,
        max(case when not history.is_out then history.changed_at end) over (partition by resolved.person_key)
            as taken_back_at
    from history
    inner join {{ ref('int_people__resolved') }} as resolved
        on
            resolved.source = 'hubspot'
            and resolved.source_person_id = history.contact_id
    where
        history.is_out
        or history.was_out

),

held as (

    select
        person_key,
        'hubspot' as platform,
        min(case when is_out and (changed_at >= taken_back_at or taken_back_at is null) then changed_at end) as opted_out_at,
        max(taken_back_at) as taken_back_at
    from words
    group by person_key

)

select * from held
