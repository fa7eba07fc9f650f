-- The changes of stage that the sources record, in their own words and ours: `unmapped` for a word nobody has mapped,
-- null for one that moves nobody.
with

contact_changes as (

    select
        contact_id,
        property,
        value,
        changed_at,
        case
            when property = 'hs_lead_status'
                then lag(value) over (partition by contact_id, property order by changed_at, value)
        end as value_before,
        {{ known_at('lifecycle_stage', partition_by='contact_id', at='changed_at') }} as lifecycle_stage_then
    from (
        select
            *,
            case
                when property = 'lifecyclestage'
                    then max(nullif(value, '')) over (partition by contact_id, property, changed_at)
            end as lifecycle_stage
        from {{ ref('stg_hubspot__contact_history') }}
        where property in ('lifecyclestage', 'hs_lead_status')
    ) as history

),

changes as (

    select
        'hubspot' as source,
        contact_id as source_person_id,
        value as crm_stage,
        value_before as crm_stage_before,
        lifecycle_stage_then as crm_stage_beside,
        changed_at,
        'recorded' as kind,
        cast(null as {{ dbt.type_string() }}) as reason
    from contact_changes
    union all
    select
        'hubspot' as source,
        leads.contact_id as source_person_id,
        history.value as crm_stage,
        cast(null as {{ dbt.type_string() }}) as crm_stage_before,
        cast(null as {{ dbt.type_string() }}) as crm_stage_beside,
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
        cast(null as {{ dbt.type_string() }}) as crm_stage_before,
        cast(null as {{ dbt.type_string() }}) as crm_stage_beside,
        changed_at,
        'recorded' as kind,
        cast(null as {{ dbt.type_string() }}) as reason
    from {{ ref('stg_files__stage_changes') }}

),

stages as (

    select mapped.crm, mapped.crm_stage, mapped.stage, coalesce(lead_stages.is_exit, false) as is_exit
    from {{ ref('int_crm_stages__mapped') }} as mapped
    left join {{ ref('lead_stages') }} as lead_stages on mapped.stage = lead_stages.stage

),

-- A lead status that moves nobody still ends a disqualification: the contact stands where its lifecycle stage says.
mapped as (

    select
        changes.source,
        changes.source_person_id,
        lower(trim(changes.crm_stage)) as crm_stage,
        changes.changed_at,
        -- What sales does with a lead object shows where the person stands at least; a rejection is a decision.
        case when stages.is_exit then 'recorded' else changes.kind end as kind,
        stages.crm_stage is not null as is_mapped,
        case
            when stages.crm_stage is null then 'unmapped'
            when stages.stage is null and stages_before.is_exit then stages_beside.stage
            else stages.stage
        end as stage,
        case when stages.is_exit then changes.reason end as reason
    from changes
    left join stages
        on changes.source = stages.crm and lower(trim(changes.crm_stage)) = stages.crm_stage
    left join stages as stages_before
        on changes.source = stages_before.crm and lower(trim(changes.crm_stage_before)) = stages_before.crm_stage
    left join stages as stages_beside
        on changes.source = stages_beside.crm and lower(trim(changes.crm_stage_beside)) = stages_beside.crm_stage
    where trim(changes.crm_stage) <> '' and changes.changed_at < {{ as_of_end() }}

)

select * from mapped
