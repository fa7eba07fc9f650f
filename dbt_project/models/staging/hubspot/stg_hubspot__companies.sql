with

source as (

    select * from {{ source('hubspot', 'companies') }}

),

-- A company that was merged away is told no more: raw still holds what it was.
merged as (

    select * from {{ source('hubspot', 'company_merges') }}

),

renamed as (

    select
        source.id as company_id,
        nullif(source.name, '') as company_name,
        nullif(source.domain, '') as domain,
        nullif(source.country, '') as country,
        nullif(source.industry, '') as industry,
        nullif(source.segment, '') as segment,
        cast(source.created_at as timestamp) as created_at,
        source.archived as is_archived,
        cast(source.archived_at as timestamp) as archived_at
    from source
    left join merged on source.id = merged.id
    where merged.id is null

)

select * from renamed
