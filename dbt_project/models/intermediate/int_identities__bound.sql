-- Whose mailbox it is: one row per normalised address that belongs to one person.
select
    addressed.identifier as normalised_email,
    min(resolved.person_key) as person_key
from {{ ref('int_identities__addressed') }} as addressed
inner join {{ ref('int_people__resolved') }} as resolved
    on addressed.source = resolved.source and addressed.source_person_id = resolved.source_person_id
where addressed.is_bound
group by addressed.identifier
