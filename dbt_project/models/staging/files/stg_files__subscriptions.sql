with

source as (

    select * from {{ source('files', 'subscriptions') }}

),

renamed as (

    select
        cast(subscription_id as {{ dbt.type_string() }}) as subscription_id,
        cast(person_id as {{ dbt.type_string() }}) as person_id,
        cast(company as {{ dbt.type_string() }}) as company,
        cast(plan as {{ dbt.type_string() }}) as plan,
        cast(mrr as decimal(18, 2)) as mrr,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        cast(started_at as timestamp) as started_at,
        cast(ended_at as timestamp) as ended_at
    from source

)

select * from renamed
