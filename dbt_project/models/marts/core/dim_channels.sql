select
    channel,
    channel_group,
    is_paid,
    is_offline,
    meaning
from {{ ref('channels') }}
