select
    id as owner_id,
    nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '') as full_name,
    nullif(email, '') as email,
    not archived as is_active
from {{ source('hubspot', 'owners') }}
