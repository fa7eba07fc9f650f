with

lead_stages as (

    select * from {{ ref('lead_stages') }}

),

crm_stage_map as (

    select * from {{ ref('crm_stage_map') }}

),

pipeline_stages as (

    select
        stage_id,
        max(probability) / {{ var('crm_probability_scale')['hubspot'] }} as probability,
        bool_or(is_closed) as is_closed,
        bool_or(is_won) as is_won
    from {{ ref('stg_hubspot__pipeline_stages') }}
    where object_type = 'deals'
    group by stage_id

),

words as (

    select stage_id as crm_stage, 'hubspot' as source from pipeline_stages
    union
    select crm_stage, 'hubspot' as source from {{ ref('stg_hubspot__deals') }}
    union
    select value as crm_stage, 'hubspot' as source from {{ ref('stg_hubspot__deal_history') }}
    where property = 'dealstage'
    union
    select stage as crm_stage, 'files' as source from {{ ref('stg_files__deals') }}
    union
    select stage as crm_stage, 'files' as source from {{ ref('stg_files__deal_stage_changes') }}

),

-- A word of the seed, else a stage of the ladder by its own name, else what the CRM's pipeline says of it.
named as (

    select
        words.source,
        words.crm_stage,
        case
            when crm_stage_map.crm is not null then crm_stage_map.stage
            when ladder.stage is not null then ladder.stage
            when pipeline_stages.is_won then 'customer'
            when pipeline_stages.is_closed then 'lost'
            else 'unmapped'
        end as stage,
        pipeline_stages.is_won,
        pipeline_stages.is_closed,
        pipeline_stages.probability
    from words
    left join crm_stage_map
        on
            words.source = crm_stage_map.crm
            and lower(trim(words.crm_stage)) = crm_stage_map.crm_stage
    left join lead_stages as ladder
        on lower(trim(words.crm_stage)) = ladder.stage
    left join pipeline_stages
        on
            words.crm_stage = pipeline_stages.stage_id
            and words.source = 'hubspot'
    where words.crm_stage is not null

),

-- Whether a deal is somebody's first or next, its last stage is `customer`.
mapped as (

    select
        named.source,
        named.crm_stage,
        case when lead_stages.temperature = 'customer' then 'customer' else named.stage end as stage,
        case when lead_stages.is_exit then 99 else lead_stages.stage_rank end as stage_order,
        coalesce(named.is_won, lead_stages.temperature = 'customer', false) as is_won,
        coalesce(named.is_closed, lead_stages.temperature = 'customer' or lead_stages.is_exit, false) as is_closed,
        named.probability
    from named
    left join lead_stages
        on named.stage = lead_stages.stage
    where named.stage is not null

)

select * from mapped
