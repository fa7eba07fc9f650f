-- Nobody gets lost between the sources and the published tables.
select resolved.person_key
from {{ ref('int_people__resolved') }} as resolved
left join {{ ref('dim_people') }} as people on resolved.person_key = people.person_key
left join {{ ref('int_people__excluded') }} as excluded on resolved.person_key = excluded.person_key
where (people.person_key is null) = (excluded.person_key is null)
