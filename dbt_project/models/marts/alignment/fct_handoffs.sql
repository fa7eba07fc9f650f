with

handoffs as (

    select * from {{ ref('int_handoffs__termed') }}

),

decided as (

    select * from {{ ref('int_handoffs__decided') }}

),

hours as (

    select * from {{ ref('int_business_hours__counted') }}

),

-- Only what a human of sales did towards the person is a response; a task is work, not contact.
efforts as (

    select
        people_resolved.person_key,
        activities.occurred_at
    from {{ ref('int_activities__unioned') }} as activities
    inner join {{ ref('int_people__resolved') }} as people_resolved
        on
            activities.source = people_resolved.source
            and activities.source_person_id = people_resolved.source_person_id
    where
        activities.activity_type <> 'task'
        and activities.direction = 'outbound'
        and activities.status = 'completed'
        and not activities.is_automated
        and activities.deleted_at is null

),

first_efforts as (

    select
        handoffs.handoff_key,
        min(efforts.occurred_at) as occurred_at
    from handoffs
    inner join efforts
        on
            handoffs.person_key = efforts.person_key
            and handoffs.qualified_at <= efforts.occurred_at
            and coalesce(handoffs.next_qualified_at, {{ as_of_end() }}) > efforts.occurred_at
    group by handoffs.handoff_key

),

answered as (

    select
        handoffs.*,
        least(first_efforts.occurred_at, decided.human_decided_at) as first_response_at,
        coalesce(decided.decision, 'open') as decision,
        decided.decided_at,
        decided.rejection_reason,
        decided.disqualified_at,
        decided.disqualification_reason
    from handoffs
    left join first_efforts
        on handoffs.handoff_key = first_efforts.handoff_key
    left join decided
        on handoffs.handoff_key = decided.handoff_key

)

select
    answered.handoff_key,
    answered.person_key,
    answered.segment,
    answered.channel,
    answered.campaign_key,
    answered.qualified_at,
    answered.entry_number,
    answered.sla_version,
    answered.sla_segment,
    answered.due_at,
    answered.first_response_at,
    cast(
        {{ business_seconds('hours', 'answered.first_response_at') }} - answered.started_at_second as bigint
    ) as response_business_seconds,
    case
        when answered.first_response_at <= answered.due_at then 'met'
        when answered.due_at < {{ as_of_end() }} then 'breached'
        when answered.sla_version is null and answered.first_response_at is not null then 'met'
        else 'pending'
    end as verdict,
    answered.decision,
    answered.decided_at,
    answered.rejection_reason,
    answered.disqualified_at,
    answered.disqualification_reason
from answered
left join hours
    on
        answered.calendar_key = hours.calendar_key
        and {{ opened_before('hours', 'answered.first_response_at') }}
