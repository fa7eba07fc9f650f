with

records as (

    select
        *,
        row_number() over (
            partition by company_key
            order by case source when 'hubspot' then 0 else 1 end, created_at asc nulls last, source_company_id asc
        ) as preference
    from {{ ref('int_companies__unified') }}

),

companies as (

    select
        company_key,
        min_by(segment, case when segment is not null then preference end) as segment,
        min_by(country, case when country is not null then preference end) as country,
        min_by(industry, case when industry is not null then preference end) as industry
    from records
    group by company_key

),

customers as (

    select company_key
    from {{ ref('dim_people') }}
    where is_customer
    union
    select company_key
    from {{ ref('fct_deals') }}
    where is_won

)

select
    companies.company_key,
    coalesce(companies.segment, 'unsegmented') as segment,
    companies.country,
    companies.industry,
    customers.company_key is not null as is_customer
from companies
left join customers on companies.company_key = customers.company_key
