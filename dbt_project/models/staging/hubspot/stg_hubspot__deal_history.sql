select
    id as deal_id,
    property,
    value,
    cast(changed_at as timestamp) as changed_at,
    source_type
from {{ source('hubspot', 'deal_history') }}
