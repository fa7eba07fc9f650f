with

source as (

    select * from {{ source('hubspot', 'contacts') }}

),

primary_companies as (

    select * from {{ ref('stg_hubspot__contact_companies') }}
    where is_primary

),

renamed as (

    select
        source.id as contact_id,
        nullif(source.email, '') as email,
        nullif(trim(coalesce(source.firstname, '') || ' ' || coalesce(source.lastname, '')), '') as full_name,
        nullif(source.phone, '') as phone,
        primary_companies.company_id,
        nullif(source.company, '') as company_name,
        nullif(source.hubspot_owner_id, '') as owner_id,
        nullif(source.country, '') as country,
        nullif(source.segment, '') as segment,
        coalesce(source.is_test = 'true', false) as is_test,
        nullif(source.referred_by, '') as referred_by_contact_id,
        nullif(source.lifecyclestage, '') as lifecycle_stage,
        nullif(source.hs_lead_status, '') as lead_status,
        cast(source.created_at as timestamp) as created_at,
        cast(source.updated_at as timestamp) as updated_at,
        source.archived as is_archived,
        cast(source.archived_at as timestamp) as archived_at
    from source
    left join primary_companies on source.id = primary_companies.contact_id

)

select * from renamed
