-- The changes of stage that the sources record, in their own words and ours: `unmapped` for a word nobody has mapped,
-- null for one that moves nobody.
with

changes as (

    select
        'hubspot' as source,
        contact_id as source_person_id,
        value as crm_stage,
        changed_at,
        'recorded' as kind,
        cast(null as {{ dbt.type_string() }}) as reason
    from {{ ref('stg_hubspot__contact_history') }}
    where property in ('lifecyclestage', 'hs_lead_status')
    union all
    select
        'hubspot' as source,
        leads.contact_id as source_person_id,
        history.value as crm_stage,
        history.changed_at,
        'lead' as kind,
        leads.disqualification_reason as reason
    from {{ ref('stg_hubspot__lead_history') }} as history
    inner join {{ ref('stg_hubspot__leads') }} as leads on history.lead_id = leads.lead_id
    where history.property = 'hs_pipeline_stage'
    union all
    select
        'files' as source,
        person_id as source_person_id,
        stage as crm_stage,
        changed_at,
        'recorded' as kind,
        cast(null as {{ dbt.type_string() }}) as reason
    from {{ ref('stg_files__stage_changes') }}

),

mapped as (

    select
        changes.source,
        changes.source_person_id,
        lower(trim(changes.crm_stage)) as crm_stage,
        changes.changed_at,
        -- What sales does with a lead object shows where the person stands at least; a rejection is a decision.
        case when lead_stages.is_exit then 'recorded' else changes.kind end as kind,
        stages.crm_stage is not null as is_mapped,
        case when stages.crm_stage is null then 'unmapped' else stages.stage end as stage,
        case when lead_stages.is_exit then changes.reason end as reason
    from changes
    left join {{ ref('int_crm_stages__mapped') }} as stages
        on changes.source = stages.crm and lower(trim(changes.crm_stage)) = stages.crm_stage
    left join {{ ref('lead_stages') }} as lead_stages on stages.stage = lead_stages.stage
    where trim(changes.crm_stage) <> '' and changes.changed_at < {{ as_of_end() }}

)

select * from mapped
