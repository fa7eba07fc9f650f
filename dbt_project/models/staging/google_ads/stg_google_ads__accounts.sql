with

source as (

    select * from {{ source('google_ads', 'accounts') }}

),

renamed as (

    select
        cast(customer_id as {{ dbt.type_string() }}) as account_id,
        descriptive_name as account_name,
        currency_code as currency,
        time_zone
    from source
    -- A manager account holds other accounts and has no campaigns.
    where not manager

)

select * from renamed
