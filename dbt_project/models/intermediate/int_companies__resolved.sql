-- Every company record with the company it belongs to.
with

companies as (

    select * from {{ ref('int_companies__unioned') }}

),

-- A name alone says which company is meant only where the CRM has it once.
crm_names as (

    select lower(trim(company_name)) as name, min(source_company_id) as source_company_id
    from companies
    where source = 'hubspot'
    group by lower(trim(company_name))
    having count(*) = 1

),

-- So does a domain.
crm_domains as (

    select domain, min(source_company_id) as source_company_id
    from companies
    where source = 'hubspot'
    group by domain
    having count(*) = 1

),

-- A company known by addresses only is named after the first person who has one: no key is made of an address.
founders as (

    select
        people.email_domain as domain,
        min_by(resolved.person_key, numbered.record_number) as person_key
    from {{ ref('int_people__unioned') }} as people
    inner join {{ ref('int_people__resolved') }} as resolved
        on people.source = resolved.source and people.source_person_id = resolved.source_person_id
    inner join {{ ref('int_people__numbered') }} as numbered
        on people.source = numbered.source and people.source_person_id = numbered.source_person_id
    where not resolved.is_excluded
    group by people.email_domain

),

resolved as (

    select
        companies.source,
        companies.source_company_id,
        case
            when companies.source = 'files' and crm_names.name is not null
                then {{ surrogate_key(["'hubspot'", 'crm_names.source_company_id']) }}
            when companies.source = 'files'
                then {{ surrogate_key(['companies.source', 'lower(companies.source_company_id)']) }}
            when companies.source = 'email' and crm_domains.domain is not null
                then {{ surrogate_key(["'hubspot'", 'crm_domains.source_company_id']) }}
            when companies.source = 'email'
                then {{ surrogate_key(['companies.source', 'founders.person_key']) }}
            else {{ surrogate_key(['companies.source', 'companies.source_company_id']) }}
        end as company_key
    from companies
    left join crm_names on lower(companies.source_company_id) = crm_names.name
    left join crm_domains on companies.source = 'email' and companies.domain = crm_domains.domain
    left join founders on companies.source = 'email' and companies.domain = founders.domain

)

select * from resolved
