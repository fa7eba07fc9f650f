-- Where a person stands is told once, by the ledger.
select people.person_key, people.current_stage, spells.stage
from {{ ref('dim_people') }} as people
left join {{ ref('fct_lead_stages') }} as spells
    on people.person_key = spells.person_key and spells.is_current
where
    not people.is_deleted
    and people.created_at is not null
    and people.current_stage is distinct from spells.stage
