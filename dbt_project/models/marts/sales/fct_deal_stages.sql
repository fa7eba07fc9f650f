select
    spells.deal_stage_key,
    spells.deal_key,
    spells.crm_stage,
    spells.stage,
    spells.stage_rank,
    spells.temperature,
    spells.owned_by,
    spells.entered_at,
    spells.exited_at,
    spells.duration_seconds,
    spells.previous_stage,
    spells.movement,
    spells.skipped_stages,
    spells.entry_number,
    spells.is_current,
    spells.is_inferred,
    spells.source
from {{ ref('int_deal_stages__spelled') }} as spells
inner join {{ ref('fct_deals') }} as deals
    on spells.deal_key = deals.deal_key
