with

source as (

    select * from {{ source('hubspot', 'deals') }}

),

-- A deal that was merged away is told no more: raw still holds what it was.
merged as (

    select * from {{ source('hubspot', 'deal_merges') }}

),

renamed as (

    select
        source.id as deal_id,
        nullif(source.dealname, '') as deal_name,
        {{ dbt.safe_cast('source.amount', 'decimal(18, 2)') }} as amount,
        nullif(source.deal_currency_code, '') as currency,
        nullif(source.dealstage, '') as crm_stage,
        nullif(source.pipeline, '') as pipeline,
        {{ dbt.safe_cast('source.hs_deal_stage_probability', 'double') }} as probability,
        nullif(source.dealtype, '') as deal_type,
        nullif(source.hubspot_owner_id, '') as owner_id,
        coalesce(source.hs_is_closed_won = 'true', false) as is_won,
        coalesce(source.hs_is_closed = 'true', false) as is_closed,
        coalesce(source.is_referral = 'true', false) as is_referral,
        nullif(source.closed_lost_reason, '') as loss_reason,
        cast(source.created_at as timestamp) as created_at,
        case when source.hs_is_closed = 'true' then {{ hubspot_timestamp('source.closedate') }} end as closed_at,
        {{ hubspot_timestamp('source.closedate') }} as close_date_expected_at,
        cast(source.updated_at as timestamp) as updated_at,
        source.archived as is_archived,
        cast(source.archived_at as timestamp) as archived_at
    from source
    left join merged on source.id = merged.id
    where merged.id is null

)

select * from renamed
