-- Everything that may move a person, of every kind: recorded, lead, deal, won, lost, ended (subscription), engaged (touch).
with

resolved as (

    select source, source_person_id, person_key
    from {{ ref('int_people__resolved') }}
    where not is_excluded

),

recorded as (

    select
        resolved.person_key,
        recorded.source,
        recorded.stage,
        recorded.kind,
        recorded.changed_at as occurred_at,
        recorded.reason
    from {{ ref('int_stage_events__recorded') }} as recorded
    inner join resolved
        on recorded.source = resolved.source and recorded.source_person_id = resolved.source_person_id
    where recorded.stage is not null

),

subscriptions as (

    select
        resolved.person_key,
        subscriptions.subscription_id,
        subscriptions.started_at,
        case when subscriptions.ended_at < {{ as_of_end() }} then subscriptions.ended_at end as ended_at
    from {{ ref('stg_files__subscriptions') }} as subscriptions
    inner join resolved
        on resolved.source = 'files' and subscriptions.person_id = resolved.source_person_id

),

-- Only the end of the last subscription that runs is the end of a customer.
ended as (

    select distinct
        subscriptions.person_key,
        'files' as source,
        'churned' as stage,
        'ended' as kind,
        subscriptions.ended_at as occurred_at,
        cast(null as {{ dbt.type_string() }}) as reason
    from subscriptions
    left join subscriptions as others
        on
            subscriptions.person_key = others.person_key
            and others.started_at <= subscriptions.ended_at
            and (others.ended_at is null or others.ended_at > subscriptions.ended_at)
    where subscriptions.ended_at is not null and others.person_key is null

),

engaged as (

    select
        touches.person_key,
        touches.source,
        'warm' as stage,
        'engaged' as kind,
        touches.touched_at as occurred_at,
        cast(null as {{ dbt.type_string() }}) as reason
    from {{ ref('int_touches__unioned') }} as touches
    inner join {{ ref('engagement_rules') }} as rules on touches.touch_type = rules.touch_type

)

select * from recorded
union all
select person_key, source, stage, kind, occurred_at, reason from {{ ref('int_stage_events__dealt') }}
union all
select * from ended
union all
select * from engaged
