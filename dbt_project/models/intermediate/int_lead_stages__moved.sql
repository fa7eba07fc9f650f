-- The events that did move a person, in order.
--
-- Recorded changes always move. Deals and lead objects move only forward, and nobody who has been a customer: those only another won
-- deal moves. Engagement moves only who is cold. Only a customer can churn. Nothing moves whoever has been deleted.
with

people as (

    select person_key, created_at, deleted_at from {{ ref('int_people__merged') }}

),

events as (

    select
        events.person_key,
        events.source,
        events.stage,
        lead_stages.stage_rank,
        lead_stages.is_exit,
        lead_stages.temperature = 'customer' as is_customer_stage,
        events.kind,
        -- Who is engaged before being created is engaged when created.
        case when events.kind = 'engaged' then greatest(events.occurred_at, people.created_at) else events.occurred_at end
            as occurred_at,
        events.reason
    from {{ ref('int_stage_events__unioned') }} as events
    inner join {{ ref('lead_stages') }} as lead_stages on events.stage = lead_stages.stage
    inner join people on events.person_key = people.person_key
    where
        (people.deleted_at is null or events.occurred_at <= people.deleted_at)
        and (lead_stages.stage_rank is not null or events.kind not in ('lead', 'deal'))

),

-- Field history seldom holds the value a record was born with: the gap before the first event is an inferred cold spell.
inferred as (

    select
        people.person_key,
        'inferred' as source,
        lead_stages.stage,
        lead_stages.stage_rank,
        lead_stages.is_exit,
        false as is_customer_stage,
        'inferred' as kind,
        people.created_at as occurred_at,
        cast(null as {{ dbt.type_string() }}) as reason
    from people
    inner join {{ ref('lead_stages') }} as lead_stages on lead_stages.stage_rank = 1
    left join (
        select person_key, min(occurred_at) as occurred_at
        from events
        where kind <> 'ended' -- moves only customers, so nobody begins with it
        group by person_key
    ) as first_events
        on people.person_key = first_events.person_key
    where
        people.created_at is not null
        and (first_events.occurred_at is null or people.created_at < first_events.occurred_at)

),

unioned as (

    select * from events
    union all
    select * from inferred

),

ordered as (

    select
        *,
        row_number() over (
            partition by person_key
            order by
                occurred_at,
                case when is_exit then 1 else 0 end,
                stage_rank asc nulls last,
                stage,
                case kind when 'inferred' then 1 when 'recorded' then 2 when 'won' then 3 when 'deal' then 4 when 'lead' then 5 else 6 end,
                source,
                reason asc nulls last
        ) as event_number
    from unioned

),

with_past as (

    select
        *,
        coalesce(max(case when is_customer_stage and kind in ('recorded', 'won') then 1 end) over (
            partition by person_key order by event_number rows between unbounded preceding and 1 preceding
        ), 0) = 1 as has_been_customer
    from ordered

),

possible as (

    select
        *,
        kind in ('inferred', 'recorded', 'lost', 'ended') as is_absolute
    from with_past
    where
        kind in ('inferred', 'recorded', 'won', 'engaged')
        or (kind in ('lead', 'deal', 'lost') and not has_been_customer)
        or (kind = 'ended' and has_been_customer)

),

-- An absolute event sets the stage; the others until the next absolute one can only raise it.
stretches as (

    select
        *,
        sum(case when is_absolute then 1 else 0 end) over (
            partition by person_key order by event_number rows between unbounded preceding and current row
        ) as stretch
    from possible

),

raised as (

    select
        *,
        max(case when kind <> 'engaged' then coalesce(stage_rank, 0) end) over (
            partition by person_key, stretch order by event_number rows between unbounded preceding and 1 preceding
        ) as highest_rank_before,
        row_number() over (partition by person_key, stretch, kind order by event_number) as place_of_kind
    from stretches

)

select
    person_key,
    event_number,
    stage,
    stage_rank,
    is_exit,
    occurred_at,
    source,
    kind,
    reason
from raised
where
    is_absolute
    or (kind <> 'engaged' and stage_rank > coalesce(highest_rank_before, 0))
    or (kind = 'engaged' and coalesce(highest_rank_before, 1) = 1 and place_of_kind = 1)
