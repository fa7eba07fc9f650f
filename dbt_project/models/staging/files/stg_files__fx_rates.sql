with

source as (

    select * from {{ source('files', 'fx_rates') }}

),

renamed as (

    select
        cast(rate_date as date) as rate_date,
        cast(from_currency as {{ dbt.type_string() }}) as from_currency,
        cast(to_currency as {{ dbt.type_string() }}) as to_currency,
        cast(rate as double) as rate
    from source

)

select * from renamed
