select
    id as contact_id,
    property,
    value,
    cast(changed_at as timestamp) as changed_at,
    source_type
from {{ source('hubspot', 'contact_history') }}
