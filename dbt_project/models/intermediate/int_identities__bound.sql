-- Whose mailbox it is: one row per normalised address of a person's record.
select
    people.normalised_email,
    min(resolved.person_key) as person_key
from {{ ref('int_people__unioned') }} as people
inner join {{ ref('int_people__resolved') }} as resolved
    on people.source = resolved.source and people.source_person_id = resolved.source_person_id
where people.normalised_email is not null
group by people.normalised_email
