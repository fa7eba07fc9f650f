select
    people.person_key,
    people.full_name,
    people.email,
    people.phone,
    owners.owner_key
from {{ ref('int_people__merged') }} as people
left join {{ ref('int_owners__resolved') }} as owners
    on people.owner_source = owners.source and people.source_owner_id = owners.source_owner_id
