select
    object_type,
    pipeline_id,
    stage_id,
    label,
    cast(display_order as integer) as display_order,
    {{ dbt.safe_cast('probability', 'double') }} as probability,
    coalesce(is_closed = 'true', false) as is_closed,
    coalesce(is_closed = 'true' and {{ dbt.safe_cast('probability', 'double') }} = 1, false) as is_won
from {{ source('hubspot', 'pipeline_stages') }}
