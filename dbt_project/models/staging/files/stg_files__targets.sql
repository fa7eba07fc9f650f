with

source as (

    select * from {{ source('files', 'targets') }}

),

renamed as (

    select
        cast(target_id as {{ dbt.type_string() }}) as target_id,
        coalesce(department, 'marketing') as department,
        cast(metric as {{ dbt.type_string() }}) as metric,
        cast(owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(team as {{ dbt.type_string() }}) as team,
        cast(segment as {{ dbt.type_string() }}) as segment,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end,
        cast(amount as decimal(18, 2)) as amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        cast(valid_from as date) as valid_from,
        cast(ramp as {{ dbt.type_string() }}) as ramp
    from source

)

select * from renamed
