with

spells as (

    select * from {{ ref('fct_lead_stages') }}

),

handoffs as (

    select
        *,
        lead(qualified_at) over (partition by person_key order by qualified_at, entry_number) as next_qualified_at
    from {{ ref('fct_handoffs') }}

),

refused as (

    select
        handoff_key as disagreement_key,
        case
            when decision = 'rejected' then 'rejected'
            when disqualified_at is not null then 'rejected_after_acceptance'
            else 'never_worked'
        end as disagreement,
        handoff_key,
        person_key,
        qualified_at,
        qualified_at as judged_at,
        coalesce(disqualified_at, due_at) as disagreed_at,
        disqualification_reason as reason,
        next_qualified_at
    from handoffs
    where
        disqualified_at is not null
        or (first_response_at is null and verdict = 'breached')

),

first_taken_up as (

    select
        spells.person_key,
        min(spells.entered_at) as taken_up_at
    from spells
    inner join {{ ref('lead_stages') }} as accepted
        on
            spells.stage_rank >= accepted.stage_rank
            and accepted.stage = 'accepted'
    group by spells.person_key

),

first_handed_over as (

    select
        person_key,
        min(qualified_at) as qualified_at
    from handoffs
    group by person_key

),

first_bought as (

    select
        people.person_key,
        min(deals.closed_at) as bought_at
    from {{ ref('fct_deals') }} as deals
    inner join {{ ref('int_deals__resolved') }} as people
        on deals.deal_key = people.deal_key
    where
        deals.is_won
        and coalesce(deals.amount, 0) >= 0
    group by people.person_key

),

-- What a human of sales did with a person, or decided of them.
worked as (

    select
        people_resolved.person_key,
        activities.occurred_at as worked_at
    from {{ ref('int_activities__unioned') }} as activities
    inner join {{ ref('int_people__resolved') }} as people_resolved
        on
            activities.source = people_resolved.source
            and activities.source_person_id = people_resolved.source_person_id
    where
        activities.activity_type <> 'task'
        and activities.status = 'completed'
        and not activities.is_automated
        and activities.deleted_at is null
    union all
    select
        events.person_key,
        events.occurred_at as worked_at
    from {{ ref('int_stage_events__unioned') }} as events
    inner join {{ ref('lead_stages') }} as accepted
        on accepted.stage = 'accepted'
    left join {{ ref('lead_stages') }} as lead_stages
        on events.stage = lead_stages.stage
    left join {{ ref('int_stage_events__automated') }} as automated
        on
            events.person_key = automated.person_key
            and events.occurred_at = automated.moved_at
    where
        automated.person_key is null
        and (events.stage in ('disqualified', 'lost') or lead_stages.stage_rank >= accepted.stage_rank)

),

first_worked as (

    select
        person_key,
        min(worked_at) as worked_at
    from worked
    group by person_key

),

-- Whom sales worked before marketing had handed them over, or without; and who bought before either did anything.
not_handed_over as (

    select
        {{ surrogate_key(["'not_handed_over'", 'first_taken_up.person_key']) }} as disagreement_key,
        case
            when first_bought.bought_at < coalesce(first_worked.worked_at, {{ as_of_end() }}) then 'bought_without_sales'
            else 'not_handed_over'
        end as disagreement,
        cast(null as {{ dbt.type_string() }}) as handoff_key,
        first_taken_up.person_key,
        cast(null as timestamp) as qualified_at,
        first_taken_up.taken_up_at as judged_at,
        first_taken_up.taken_up_at as disagreed_at,
        cast(null as {{ dbt.type_string() }}) as reason,
        first_handed_over.qualified_at as next_qualified_at
    from first_taken_up
    left join first_handed_over
        on first_taken_up.person_key = first_handed_over.person_key
    left join first_bought
        on first_taken_up.person_key = first_bought.person_key
    left join first_worked
        on first_taken_up.person_key = first_worked.person_key
    where
        first_handed_over.qualified_at > first_taken_up.taken_up_at
        or first_handed_over.qualified_at is null

),

disagreements as (

    select * from refused
    union all
    select * from not_handed_over

),

-- The evidence: what the person had done by then,
touches as (

    select
        disagreements.disagreement_key,
        count(*) as touches_before,
        count(engagement_rules.touch_type) as engaged_touches_before,
        max(touches.touched_at) as last_touch_at
    from disagreements
    inner join {{ ref('fct_touches') }} as touches
        on
            disagreements.person_key = touches.person_key
            and disagreements.judged_at >= touches.touched_at
    left join {{ ref('engagement_rules') }} as engagement_rules
        on touches.touch_type = engagement_rules.touch_type
    where touches.department = 'marketing'
    group by disagreements.disagreement_key

),

-- how far they came afterwards,
stages as (

    select
        disagreements.disagreement_key,
        max_by(spells.stage, spells.stage_rank) as furthest_stage_afterwards,
        min(case when spells.temperature = 'customer' then spells.entered_at end) as became_customer_at
    from disagreements
    inner join spells
        on
            disagreements.person_key = spells.person_key
            and disagreements.disagreed_at <= spells.entered_at
    where spells.stage_rank is not null
    group by disagreements.disagreement_key

),

-- and what they bought before marketing handed them over again.
won as (

    select
        disagreements.disagreement_key,
        count(*) as won_deals,
        sum(deals.amount_reporting) as revenue
    from disagreements
    inner join {{ ref('fct_deals') }} as deals
        on
            disagreements.person_key = deals.person_key
            and disagreements.judged_at <= deals.closed_at
            and coalesce(disagreements.next_qualified_at, {{ as_of_end() }}) > deals.closed_at
    where deals.is_won
    group by disagreements.disagreement_key

)

select
    disagreements.disagreement_key,
    disagreements.disagreement,
    disagreements.handoff_key,
    disagreements.person_key,
    people.segment,
    people.original_channel as channel,
    people.original_campaign_key as campaign_key,
    disagreements.qualified_at,
    disagreements.disagreed_at,
    disagreements.reason,
    cast(coalesce(touches.touches_before, 0) as bigint) as touches_before,
    cast(coalesce(touches.engaged_touches_before, 0) as bigint) as engaged_touches_before,
    touches.last_touch_at,
    disagreements.next_qualified_at as handed_over_again_at,
    stages.furthest_stage_afterwards,
    stages.became_customer_at,
    cast(coalesce(won.won_deals, 0) as bigint) as won_deals,
    cast(coalesce(won.revenue, 0) as decimal(18, 2)) as revenue
from disagreements
inner join {{ ref('dim_people') }} as people
    on disagreements.person_key = people.person_key
left join touches
    on disagreements.disagreement_key = touches.disagreement_key
left join stages
    on disagreements.disagreement_key = stages.disagreement_key
left join won
    on disagreements.disagreement_key = won.disagreement_key
