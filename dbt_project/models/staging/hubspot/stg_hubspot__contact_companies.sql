with

source as (

    select * from {{ source('hubspot', 'contact_companies') }}

),

ranked as (

    select
        contact_id,
        company_id,
        row_number() over (
            partition by contact_id
            order by case when is_primary then 0 else 1 end, length(company_id), company_id
        ) as place
    from source

),

renamed as (

    select
        contact_id,
        company_id,
        place = 1 as is_primary
    from ranked

)

select * from renamed
