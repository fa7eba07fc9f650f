-- What the deals of a person would do to their stage: every won and lost deal, and every step of an open one.
with

deals as (

    select * from {{ ref('int_deals__unioned') }}

),

people_of_deals as (

    select distinct
        peopled.deal_key,
        resolved.person_key
    from {{ ref('int_deals__peopled') }} as peopled
    inner join {{ ref('int_people__resolved') }} as resolved
        on peopled.source = resolved.source and peopled.source_person_id = resolved.source_person_id
    where not resolved.is_excluded

),

steps as (

    select
        events.*,
        row_number() over (partition by events.deal_key order by events.event_number) as place,
        row_number() over (partition by events.deal_key order by events.event_number desc) as place_from_last
    from {{ ref('int_deal_stage_events__unioned') }} as events
    where events.stage is not null

),

-- A refund is a deal with a negative amount: money, but nobody moves.
won as (

    select
        people_of_deals.person_key,
        deals.source,
        deals.closed_at as occurred_at,
        row_number() over (
            partition by people_of_deals.person_key order by deals.closed_at, deals.deal_key
        ) as place
    from deals
    inner join people_of_deals on deals.deal_key = people_of_deals.deal_key
    where deals.is_won and deals.closed_at is not null and coalesce(deals.amount, 0) >= 0

),

-- The last loss happens when the deal closes; an earlier one, of a deal reopened since, when it was recorded.
lost as (

    select deal_key, source, closed_at as occurred_at, loss_reason as reason
    from deals
    where is_closed and not is_won and closed_at is not null
    union all
    select deal_key, source, changed_at, cast(null as {{ dbt.type_string() }})
    from steps
    where stage = 'lost' and place_from_last > 1

),

lost_by_people as (

    select
        people_of_deals.person_key,
        lost.deal_key,
        lost.source,
        lost.occurred_at,
        max(lost.reason) as reason
    from lost
    inner join people_of_deals on lost.deal_key = people_of_deals.deal_key
    group by people_of_deals.person_key, lost.deal_key, lost.source, lost.occurred_at

),

-- Somebody with another deal that is open or won at that moment has not been lost.
kept as (

    select distinct
        lost_by_people.person_key,
        lost_by_people.deal_key,
        lost_by_people.occurred_at
    from lost_by_people
    inner join people_of_deals as others
        on lost_by_people.person_key = others.person_key and lost_by_people.deal_key <> others.deal_key
    inner join {{ ref('int_deal_stages__spelled') }} as spells
        on
            others.deal_key = spells.deal_key
            and spells.entered_at <= lost_by_people.occurred_at
            and (spells.exited_at is null or spells.exited_at > lost_by_people.occurred_at)
    inner join {{ ref('lead_stages') }} as lead_stages on spells.stage = lead_stages.stage
    where not lead_stages.is_exit

),

unioned as (

    select
        people_of_deals.person_key,
        steps.source,
        steps.stage,
        'deal' as kind,
        steps.changed_at as occurred_at,
        cast(null as {{ dbt.type_string() }}) as reason
    from steps
    inner join people_of_deals on steps.deal_key = people_of_deals.deal_key
    inner join {{ ref('lead_stages') }} as lead_stages on steps.stage = lead_stages.stage
    where not lead_stages.is_exit and lead_stages.temperature <> 'customer'
    union all
    select
        person_key,
        source,
        case when place = 1 then 'customer' else 'repeat_customer' end,
        'won',
        occurred_at,
        cast(null as {{ dbt.type_string() }})
    from won
    union all
    select
        lost_by_people.person_key,
        lost_by_people.source,
        'lost',
        'lost',
        lost_by_people.occurred_at,
        lost_by_people.reason
    from lost_by_people
    left join kept
        on
            lost_by_people.person_key = kept.person_key
            and lost_by_people.deal_key = kept.deal_key
            and lost_by_people.occurred_at = kept.occurred_at
    where kept.deal_key is null

)

select * from unioned
where occurred_at < {{ as_of_end() }}
