-- Moments at which a person was moved by nothing but machines, so that no human decided anything.
with

people as (

    select * from {{ ref('int_people__resolved') }}

),

deal_changes as (

    select
        *,
        rank() over (partition by deal_id order by changed_at desc) = 1 as is_last
    from {{ ref('stg_hubspot__deal_history') }}
    where
        property = 'dealstage'
        and changed_at < {{ as_of_end() }}

),

changes as (

    select
        people.person_key,
        history.changed_at as moved_at,
        history.source_type
    from {{ ref('stg_hubspot__contact_history') }} as history
    inner join people
        on
            history.contact_id = people.source_person_id
            and people.source = 'hubspot'
    where history.property in ('lifecyclestage', 'hs_lead_status')
    union all
    select
        people.person_key,
        history.changed_at as moved_at,
        history.source_type
    from {{ ref('stg_hubspot__lead_history') }} as history
    inner join {{ ref('stg_hubspot__leads') }} as leads
        on history.lead_id = leads.lead_id
    inner join people
        on
            leads.contact_id = people.source_person_id
            and people.source = 'hubspot'
    where history.property = 'hs_pipeline_stage'
    union all
    -- Whoever told a deal's last stage won or lost it when it closed.
    select
        deals_resolved.person_key,
        coalesce(case when deal_changes.is_last then deals.closed_at end, deal_changes.changed_at) as moved_at,
        deal_changes.source_type
    from deal_changes
    inner join {{ ref('int_deals__unioned') }} as deals
        on
            deal_changes.deal_id = deals.source_deal_id
            and deals.source = 'hubspot'
    inner join {{ ref('int_deals__resolved') }} as deals_resolved
        on deals.deal_key = deals_resolved.deal_key

)

select
    changes.person_key,
    changes.moved_at
from changes
left join {{ ref('change_sources') }} as change_sources
    on lower(trim(changes.source_type)) = change_sources.source_type
group by changes.person_key, changes.moved_at
having max(case when coalesce(change_sources.is_human_decision, true) then 1 else 0 end) = 0
