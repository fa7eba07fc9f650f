select
    touch_key,
    person_key,
    touched_at,
    touch_type,
    channel,
    campaign_key,
    department,
    source
from {{ ref('int_touches__matched') }}
