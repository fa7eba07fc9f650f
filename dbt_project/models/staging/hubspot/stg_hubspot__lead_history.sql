select
    id as lead_id,
    property,
    value,
    cast(changed_at as timestamp) as changed_at,
    source_type
from {{ source('hubspot', 'lead_history') }}
