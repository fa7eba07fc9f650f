-- One row per company record of any source. The files know companies by name only: the name is their id; and an address
-- knows its company by the domain only, unless anybody can have one there.
with

hubspot as (

    select
        'hubspot' as source,
        company_id as source_company_id,
        company_name,
        nullif(
            {{ host_of("case when domain like '%://%' then domain else 'https://' || domain end") }}, ''
        ) as domain,
        lower(nullif(trim(segment), '')) as segment,
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
        cast(null as {{ dbt.type_string() }}) as domain,
        min(lower(nullif(trim(segment), ''))) as segment,
        min(country) as country,
        cast(null as {{ dbt.type_string() }}) as industry,
        cast(null as timestamp) as created_at
    from named
    where trim(company) <> ''
    group by trim(company)

),

people as (

    select
        people.email_domain,
        people.created_at,
        max(people.source_company_id) over (partition by resolved.person_key) as told_company_id
    from {{ ref('int_people__unioned') }} as people
    inner join {{ ref('int_people__resolved') }} as resolved
        on people.source = resolved.source and people.source_person_id = resolved.source_person_id
    where not resolved.is_excluded

),

-- Known only by their people's addresses: the domain is the id.
domains as (

    select
        'email' as source,
        people.email_domain as source_company_id,
        cast(null as {{ dbt.type_string() }}) as company_name,
        people.email_domain as domain,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as country,
        cast(null as {{ dbt.type_string() }}) as industry,
        min(people.created_at) as created_at
    from people
    left join {{ ref('free_mail_domains') }} as free_mail on people.email_domain = free_mail.domain
    where people.told_company_id is null and people.email_domain is not null and free_mail.domain is null
    group by people.email_domain

)

select * from hubspot
union all
select * from files
union all
select * from domains
