with

stages as (

    select * from {{ ref('int_deal_stages__mapped') }}

),

hubspot_companies as (

    select
        deal_companies.deal_id,
        deal_companies.company_id,
        companies.company_name,
        row_number() over (
            partition by deal_companies.deal_id
            order by deal_companies.is_primary desc nulls last, deal_companies.company_id
        ) as place
    from {{ ref('stg_hubspot__deal_companies') }} as deal_companies
    left join {{ ref('stg_hubspot__companies') }} as companies
        on deal_companies.company_id = companies.company_id

),

unioned as (

    select
        'hubspot' as source,
        deals.deal_id as source_deal_id,
        hubspot_companies.company_id as source_company_id,
        hubspot_companies.company_name,
        deals.owner_id as source_owner_id,
        deals.amount,
        coalesce(upper(deals.currency), '{{ var("reporting_currency") }}') as currency,
        deals.crm_stage,
        deals.probability / {{ var('crm_probability_scale')['hubspot'] }} as probability,
        deals.deal_type as crm_deal_type,
        deals.created_at,
        deals.closed_at,
        deals.close_date_expected_at,
        deals.is_won,
        deals.is_closed,
        deals.is_referral,
        deals.loss_reason as crm_reason,
        case when deals.is_archived then coalesce(deals.archived_at, deals.updated_at) end as deleted_at
    from {{ ref('stg_hubspot__deals') }} as deals
    left join hubspot_companies
        on
            deals.deal_id = hubspot_companies.deal_id
            and hubspot_companies.place = 1
    union all
    select
        'files' as source,
        deals.deal_id as source_deal_id,
        nullif(trim(deals.company), '') as source_company_id,
        nullif(trim(deals.company), '') as company_name,
        deals.owner_id as source_owner_id,
        deals.amount,
        deals.currency,
        deals.stage as crm_stage,
        deals.probability / {{ var('crm_probability_scale')['files'] }} as probability,
        deals.deal_type as crm_deal_type,
        deals.created_at,
        deals.closed_at,
        cast(null as timestamp) as close_date_expected_at,
        deals.is_won,
        cast(null as boolean) as is_closed,
        cast(null as boolean) as is_referral,
        deals.loss_reason as crm_reason,
        cast(null as timestamp) as deleted_at
    from {{ ref('stg_files__deals') }} as deals

),

-- A deal is closed if its CRM says so, if it is known to be won, if its stage is a last one, or if it has a closing day
-- and either is known not to be won or has no stage.
judged as (

    select
        unioned.*,
        stages.stage as mapped_stage,
        coalesce(unioned.is_won, stages.is_won, false) as is_told_won,
        coalesce(
            unioned.is_closed,
            coalesce(unioned.is_won, false)
            or coalesce(stages.is_closed, false)
            or (unioned.closed_at is not null and (unioned.is_won is not null or stages.stage is null))
        ) as is_told_closed
    from unioned
    left join stages
        on
            unioned.source = stages.source
            and unioned.crm_stage = stages.crm_stage

),

told as (

    select
        {{ surrogate_key(['judged.source', 'judged.source_deal_id']) }} as deal_key,
        judged.source,
        judged.source_deal_id,
        judged.source_company_id,
        judged.company_name,
        judged.source_owner_id,
        judged.amount,
        judged.currency,
        judged.crm_stage,
        case
            when judged.is_told_won then 'customer'
            when judged.is_told_closed then 'lost'
            else coalesce(judged.mapped_stage, 'accepted')
        end as stage,
        judged.probability,
        case
            when judged.crm_deal_type is null then 'new'
            else coalesce(deal_type_map.deal_type, 'unmapped')
        end as deal_type,
        judged.created_at,
        judged.closed_at,
        judged.close_date_expected_at,
        judged.is_told_won as is_won,
        judged.is_told_closed as is_closed,
        coalesce(judged.is_referral, false) as is_referral,
        coalesce(reason_map.reason, judged.crm_reason) as loss_reason,
        judged.deleted_at
    from judged
    left join {{ ref('deal_type_map') }} as deal_type_map
        on
            judged.source = deal_type_map.crm
            and lower(trim(judged.crm_deal_type)) = deal_type_map.crm_deal_type
    left join {{ ref('reason_map') }} as reason_map
        on
            judged.source = reason_map.crm
            and lower(trim(judged.crm_reason)) = reason_map.crm_reason

)

select * from told
