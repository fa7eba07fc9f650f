-- One row per company record of any source. The files know companies by name only: the name is their id.
with

hubspot as (

    select
        'hubspot' as source,
        company_id as source_company_id,
        company_name,
        segment,
        country,
        industry,
        created_at
    from {{ ref('stg_hubspot__companies') }}
    where created_at < {{ as_of_end() }} or created_at is null

),

named as (

    select company, country, segment from {{ ref('stg_files__people') }}
    union all
    select company, cast(null as {{ dbt.type_string() }}), cast(null as {{ dbt.type_string() }})
    from {{ ref('stg_files__deals') }}
    union all
    select company, cast(null as {{ dbt.type_string() }}), cast(null as {{ dbt.type_string() }})
    from {{ ref('stg_files__subscriptions') }}

),

files as (

    select
        'files' as source,
        trim(company) as source_company_id,
        trim(company) as company_name,
        min(segment) as segment,
        min(country) as country,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as timestamp) as created_at
    from named
    where trim(company) <> ''
    group by trim(company)

)

select * from hubspot
union all
select * from files
