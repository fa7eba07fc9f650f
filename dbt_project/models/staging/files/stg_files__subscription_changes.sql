with

source as (

    select * from {{ source('files', 'subscription_changes') }}

),

renamed as (

    select
        cast(subscription_id as {{ dbt.type_string() }}) as subscription_id,
        cast(changed_at as timestamp) as changed_at,
        cast(mrr as decimal(18, 2)) as mrr
    from source

)

select * from renamed
