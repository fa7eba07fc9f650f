with

source as (

    select * from {{ source('hubspot', 'deal_contacts') }}

),

ranked as (

    select
        deal_id,
        contact_id,
        row_number() over (
            partition by deal_id
            order by case when is_primary then 0 else 1 end, length(contact_id), contact_id
        ) as place
    from source

),

renamed as (

    select
        deal_id,
        contact_id,
        place = 1 as is_primary
    from ranked

)

select * from renamed
