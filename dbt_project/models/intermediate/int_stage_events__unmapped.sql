-- Words for stages that crm_stage_map does not know: whoever has one stands in `unmapped` until it says what they mean.
select
    source as crm,
    crm_stage,
    count(*) as events,
    min(changed_at) as first_seen_at,
    max(changed_at) as last_seen_at
from {{ ref('int_stage_events__recorded') }}
where not is_mapped
group by source, crm_stage
