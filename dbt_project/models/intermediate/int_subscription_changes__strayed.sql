-- Changes of recurring revenue that count nowhere, and subscriptions of which nobody tells since when they are paid.
with

subscriptions as (

    select * from {{ ref('stg_files__subscriptions') }}

),

changes as (

    select *
    from {{ ref('stg_files__subscription_changes') }}
    where changed_at < {{ as_of_end() }}

),

strayed as (

    select
        changes.subscription_id,
        changes.changed_at,
        case
            when subscriptions.subscription_id is null then 'unknown subscription'
            when changes.changed_at < subscriptions.started_at then 'before its start'
            when changes.changed_at > subscriptions.ended_at then 'after its end'
        end as reason
    from changes
    left join subscriptions
        on changes.subscription_id = subscriptions.subscription_id
    union all
    select
        subscriptions.subscription_id,
        cast(null as timestamp) as changed_at,
        'without a start' as reason
    from subscriptions
    left join changes
        on
            subscriptions.subscription_id = changes.subscription_id
            and changes.mrr is not null
    where
        subscriptions.started_at is null
        and subscriptions.mrr is not null
        and changes.subscription_id is null

)

select * from strayed
where reason is not null
