-- Test, internal and junk records are counted as excluded and nowhere else.
select excluded.person_key, tables.name
from {{ ref('int_people__excluded') }} as excluded
inner join (
    select person_key, 'dim_people' as name from {{ ref('dim_people') }}
    union all
    select person_key, 'fct_lead_stages' from {{ ref('fct_lead_stages') }}
    union all
    select person_key, 'fct_touches' from {{ ref('fct_touches') }}
    union all
    select person_key, 'fct_attribution' from {{ ref('fct_attribution') }}
    union all
    select person_key, 'dim_contacts' from {{ ref('dim_contacts') }}
    union all
    select person_key, 'fct_identity_links' from {{ ref('fct_identity_links') }}
) as tables on excluded.person_key = tables.person_key
