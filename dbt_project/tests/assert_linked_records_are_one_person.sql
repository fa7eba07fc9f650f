-- The search for who is who has come to its end: neither an address nor a link leads out of a person.
with

resolved as (

    select people.source, people.source_person_id, people.normalised_email, resolved.person_key
    from {{ ref('int_people__unioned') }} as people
    left join {{ ref('int_people__resolved') }} as resolved
        on people.source = resolved.source and people.source_person_id = resolved.source_person_id

)

select normalised_email as shared
from resolved
where normalised_email is not null
group by normalised_email
having count(distinct person_key) > 1
union all
select links.source_person_id as shared
from {{ ref('int_identities__linked') }} as links
inner join resolved as one on links.source = one.source and links.source_person_id = one.source_person_id
inner join resolved as other
    on links.linked_source = other.source and links.linked_source_person_id = other.source_person_id
where one.person_key <> other.person_key
union all
select source_person_id as shared
from resolved
where person_key is null
