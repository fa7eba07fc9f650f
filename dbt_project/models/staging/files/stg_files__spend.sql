with

source as (

    select * from {{ source('files', 'spend') }}

),

renamed as (

    select
        cast(spend_id as {{ dbt.type_string() }}) as spend_id,
        cast(channel as {{ dbt.type_string() }}) as channel,
        cast(platform as {{ dbt.type_string() }}) as platform,
        cast(campaign as {{ dbt.type_string() }}) as campaign,
        cast(start_date as date) as start_date,
        cast(end_date as date) as end_date,
        cast(amount as decimal(18, 2)) as amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        cast(impressions as bigint) as impressions,
        cast(clicks as bigint) as clicks,
        cast(reach as bigint) as reach,
        cast(region as {{ dbt.type_string() }}) as region
    from source

)

select * from renamed
