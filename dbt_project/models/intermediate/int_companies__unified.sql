-- Every company record with its company and what it tells of it.
select
    companies.*,
    resolved.company_key
from {{ ref('int_companies__unioned') }} as companies
inner join {{ ref('int_companies__resolved') }} as resolved
    on companies.source = resolved.source and companies.source_company_id = resolved.source_company_id
