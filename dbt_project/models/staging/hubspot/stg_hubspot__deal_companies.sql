with

source as (

    select * from {{ source('hubspot', 'deal_companies') }}

),

ranked as (

    select
        deal_id,
        company_id,
        row_number() over (
            partition by deal_id
            order by case when is_primary then 0 else 1 end, length(company_id), company_id
        ) as place
    from source

),

renamed as (

    select
        deal_id,
        company_id,
        place = 1 as is_primary
    from ranked

)

select * from renamed
