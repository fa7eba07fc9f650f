-- What each CRM's own value means. The files may also use the words of the ladder itself.
with

mapped as (

    select crm, lower(trim(crm_stage)) as crm_stage, stage
    from {{ ref('crm_stage_map') }}

),

ladder as (

    select 'files' as crm, lead_stages.stage as crm_stage, lead_stages.stage
    from {{ ref('lead_stages') }} as lead_stages
    left join mapped on mapped.crm = 'files' and lead_stages.stage = mapped.crm_stage
    where mapped.crm_stage is null

)

select * from mapped
union all
select * from ladder
