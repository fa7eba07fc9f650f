with

handoffs as (

    select * from {{ ref('int_handoffs__termed') }}

),

people as (

    select * from {{ ref('int_people__resolved') }}

),

-- What became of the person in the ledger.
stages_entered as (

    select
        spells.person_key,
        spells.entered_at as decided_at,
        case when spells.stage = 'disqualified' then 'rejected' else 'accepted' end as decision,
        case when spells.stage = 'disqualified' then spells.reason end as crm_reason
    from {{ ref('fct_lead_stages') }} as spells
    inner join {{ ref('lead_stages') }} as accepted
        on accepted.stage = 'accepted'
    where
        spells.stage = 'disqualified'
        or spells.stage_rank >= accepted.stage_rank

),

-- What sales said on the CRM's own lead object.
leads_decided as (

    select
        people.person_key,
        history.changed_at as decided_at,
        case when crm_stage_map.stage = 'disqualified' then 'rejected' else 'accepted' end as decision,
        case when crm_stage_map.stage = 'disqualified' then leads.disqualification_reason end as crm_reason
    from {{ ref('stg_hubspot__lead_history') }} as history
    inner join {{ ref('stg_hubspot__leads') }} as leads
        on history.lead_id = leads.lead_id
    inner join {{ ref('crm_stage_map') }} as crm_stage_map
        on
            lower(trim(history.value)) = crm_stage_map.crm_stage
            and crm_stage_map.crm = 'hubspot'
    inner join people
        on
            leads.contact_id = people.source_person_id
            and people.source = 'hubspot'
    where
        history.property = 'hs_pipeline_stage'
        and history.changed_at < {{ as_of_end() }}
        and not coalesce(leads.is_archived, false)
        and crm_stage_map.stage in ('accepted', 'disqualified')

),

automated as (

    select * from {{ ref('int_stage_events__automated') }}

),

decisions as (

    select
        handoffs.handoff_key,
        unioned.decided_at,
        unioned.decision,
        automated.person_key is not null as is_automated,
        coalesce(reason_map.reason, unioned.crm_reason) as reason
    from (
        select * from stages_entered
        union all
        select * from leads_decided
    ) as unioned
    inner join handoffs
        on
            unioned.person_key = handoffs.person_key
            and unioned.decided_at >= handoffs.qualified_at
            and unioned.decided_at < coalesce(handoffs.next_qualified_at, {{ as_of_end() }})
    left join automated
        on
            unioned.person_key = automated.person_key
            and unioned.decided_at = automated.moved_at
    left join {{ ref('reason_map') }} as reason_map
        on
            lower(trim(unioned.crm_reason)) = reason_map.crm_reason
            and reason_map.crm = 'hubspot'

),

-- What a human says after a machine may leave the person where they stand, so that the ledger has no stay of it.
humans_moved as (

    select
        handoffs.handoff_key,
        min(events.occurred_at) as moved_at
    from handoffs
    inner join {{ ref('int_stage_events__unioned') }} as events
        on
            handoffs.person_key = events.person_key
            and handoffs.qualified_at <= events.occurred_at
            and coalesce(handoffs.next_qualified_at, {{ as_of_end() }}) > events.occurred_at
    inner join {{ ref('lead_stages') }} as accepted
        on accepted.stage = 'accepted'
    left join {{ ref('lead_stages') }} as lead_stages
        on events.stage = lead_stages.stage
    left join automated
        on
            events.person_key = automated.person_key
            and events.occurred_at = automated.moved_at
    where
        automated.person_key is null
        and (events.stage = 'disqualified' or lead_stages.stage_rank >= accepted.stage_rank)
    group by handoffs.handoff_key

),

-- The first decision counts, by whomever; what ledger and lead object tell of one moment is one decision.
numbered as (

    select
        *,
        row_number() over (
            partition by handoff_key
            order by decided_at, decision, reason nulls last
        ) as place,
        min(case when not is_automated then decided_at end) over (partition by handoff_key) as human_decided_at,
        min(case when decision = 'rejected' then decided_at end) over (partition by handoff_key) as disqualified_at,
        min(case when decision = 'rejected' then reason end) over (partition by handoff_key) as disqualification_reason
    from decisions

)

select
    numbered.handoff_key,
    numbered.decision,
    numbered.decided_at,
    case
        when numbered.is_automated then least(numbered.human_decided_at, humans_moved.moved_at)
        else numbered.human_decided_at
    end as human_decided_at,
    case
        when numbered.decision = 'rejected' then coalesce(numbered.reason, numbered.disqualification_reason)
    end as rejection_reason,
    numbered.disqualified_at,
    numbered.disqualification_reason
from numbered
left join humans_moved
    on numbered.handoff_key = humans_moved.handoff_key
where numbered.place = 1
