-- Every known level of a subscription's monthly recurring revenue: its start, its changes, its end.
with

subscriptions as (

    select * from {{ ref('stg_files__subscriptions') }}

),

-- What is told of a subscription before its start or after its end is kept aside (int_subscription_changes__strayed); a
-- change that tells no amount changes nothing.
changes as (

    select changes.*
    from {{ ref('stg_files__subscription_changes') }} as changes
    left join {{ ref('int_subscription_changes__strayed') }} as strayed
        on
            changes.subscription_id = strayed.subscription_id
            and changes.changed_at = strayed.changed_at
    where
        strayed.subscription_id is null
        and changes.mrr is not null

),

unioned as (

    select
        subscriptions.subscription_id,
        subscriptions.started_at as changed_at,
        subscriptions.mrr,
        1 as place
    from subscriptions
    left join changes
        on
            subscriptions.subscription_id = changes.subscription_id
            and subscriptions.started_at = changes.changed_at
    where changes.subscription_id is null
    union all
    select
        subscription_id,
        changed_at,
        mrr,
        2 as place
    from changes
    union all
    select
        subscription_id,
        ended_at as changed_at,
        cast(0 as decimal(18, 2)) as mrr,
        3 as place
    from subscriptions
    where ended_at is not null

),

-- What a subscription was before the calendar begins, it is then.
last_of_moment as (

    select
        subscription_id,
        greatest(changed_at, {{ calendar_start() }}) as changed_at,
        mrr,
        row_number() over (
            partition by subscription_id, greatest(changed_at, {{ calendar_start() }}) order by changed_at desc, place desc
        ) as place_from_last
    from unioned
    where
        mrr is not null
        and changed_at < {{ as_of_end() }}

),

levels as (

    select
        subscription_id,
        changed_at,
        mrr,
        coalesce(lag(mrr) over (partition by subscription_id order by changed_at), 0) as previous_mrr,
        coalesce(
            max(mrr) over (
                partition by subscription_id
                order by changed_at
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as highest_mrr_before
    from last_of_moment
    where place_from_last = 1

)

select
    subscription_id,
    changed_at,
    mrr,
    previous_mrr,
    case
        when mrr = 0 then 'churn'
        when previous_mrr = 0 and highest_mrr_before = 0 then 'new'
        when previous_mrr = 0 then 'reactivation'
        when mrr > previous_mrr then 'expansion'
        else 'contraction'
    end as movement
from levels
where mrr <> previous_mrr
