-- Who is in no published table, and why: counted in the night's report.
select distinct person_key, exclusion_reason
from {{ ref('int_people__resolved') }}
where is_excluded
