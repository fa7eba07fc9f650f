-- The search for who is who has come to its end: no identifier that binds leads out of a person.
select judged.identifier_type, min(resolved.person_key) as person_key, max(resolved.person_key) as other_person_key
from {{ ref('int_identities__judged') }} as judged
left join {{ ref('int_people__resolved') }} as resolved
    on judged.source = resolved.source and judged.source_person_id = resolved.source_person_id
where judged.is_bound
group by judged.identifier_type, judged.identifier
having count(distinct resolved.person_key) <> 1
