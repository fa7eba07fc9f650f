with

source as (

    select * from {{ source('files', 'deals') }}

),

renamed as (

    select
        cast(deal_id as {{ dbt.type_string() }}) as deal_id,
        cast(person_id as {{ dbt.type_string() }}) as person_id,
        cast(company as {{ dbt.type_string() }}) as company,
        cast(owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(amount as decimal(18, 2)) as amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        cast(stage as {{ dbt.type_string() }}) as stage,
        cast(probability as double) as probability,
        cast(deal_type as {{ dbt.type_string() }}) as deal_type,
        cast(created_at as timestamp) as created_at,
        cast(closed_at as timestamp) as closed_at,
        cast(is_won as boolean) as is_won,
        cast(loss_reason as {{ dbt.type_string() }}) as loss_reason
    from source

)

select * from renamed
