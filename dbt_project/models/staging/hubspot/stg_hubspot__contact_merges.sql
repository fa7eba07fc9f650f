select
    id as contact_id,
    survivor_id as survivor_contact_id
from {{ source('hubspot', 'contact_merges') }}
