select
    spells.lead_stage_key,
    spells.person_key,
    cast(spells.spell_number as integer) as spell_number,
    spells.stage,
    spells.stage_rank,
    lead_stages.temperature,
    lead_stages.owned_by,
    spells.entered_at,
    spells.exited_at,
    cast(spells.duration_seconds as bigint) as duration_seconds,
    spells.previous_stage,
    spells.movement,
    cast(spells.skipped_stages as integer) as skipped_stages,
    cast(spells.entry_number as integer) as entry_number,
    spells.is_current,
    spells.is_inferred,
    spells.source,
    spells.reason
from {{ ref('int_lead_stages__spelled') }} as spells
inner join {{ ref('lead_stages') }} as lead_stages on spells.stage = lead_stages.stage
