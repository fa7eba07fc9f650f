with

source as (

    select * from {{ source('files', 'deal_splits') }}

),

renamed as (

    select
        cast(deal_id as {{ dbt.type_string() }}) as deal_id,
        cast(owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(share as decimal(18, 12)) as share
    from source

)

select * from renamed
