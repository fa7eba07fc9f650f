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

resolved as (

    select
        companies.source,
        companies.source_company_id,
        case
            when companies.source = 'files' and crm_names.name is not null
                then {{ surrogate_key(["'hubspot'", 'crm_names.source_company_id']) }}
            when companies.source = 'files'
                then {{ surrogate_key(['companies.source', 'lower(companies.source_company_id)']) }}
            else {{ surrogate_key(['companies.source', 'companies.source_company_id']) }}
        end as company_key
    from companies
    left join crm_names on lower(companies.source_company_id) = crm_names.name

)

select * from resolved
