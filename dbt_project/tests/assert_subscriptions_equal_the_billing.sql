-- What customers pay a month, by currency: as the subscriptions' changes add up to, and as the billing's own files tell it.
with

last_changes as (

    select
        changes.subscription_id,
        changes.mrr,
        row_number() over (partition by changes.subscription_id order by changes.changed_at desc) as place_from_last
    from {{ ref('stg_files__subscription_changes') }} as changes
    inner join {{ ref('stg_files__subscriptions') }} as subscriptions
        on changes.subscription_id = subscriptions.subscription_id
    where
        changes.changed_at < {{ as_of_end() }}
        and changes.changed_at >= coalesce(subscriptions.started_at, changes.changed_at)
        and changes.mrr is not null

),

billed as (

    select
        subscriptions.currency,
        sum(coalesce(last_changes.mrr, case when subscriptions.started_at < {{ as_of_end() }} then subscriptions.mrr end, 0))
            as mrr
    from {{ ref('stg_files__subscriptions') }} as subscriptions
    left join last_changes
        on
            subscriptions.subscription_id = last_changes.subscription_id
            and last_changes.place_from_last = 1
    left join {{ ref('int_people__resolved') }} as people
        on
            subscriptions.person_id = people.source_person_id
            and people.source = 'files'
    where
        (subscriptions.ended_at >= {{ as_of_end() }} or subscriptions.ended_at is null)
        and not coalesce(people.is_excluded, false)
    group by subscriptions.currency

),

counted as (

    select
        currency,
        sum(mrr - previous_mrr) as mrr
    from {{ ref('fct_subscriptions') }}
    group by currency

)

select
    coalesce(billed.currency, counted.currency) as currency,
    billed.mrr as billed,
    counted.mrr as counted
from billed
full outer join counted
    on billed.currency = counted.currency
where coalesce(billed.mrr, 0) <> coalesce(counted.mrr, 0)
