select
    coalesce(bool_or(is_configured), false)
    or (select count(*) from {{ source('google_analytics', 'loads') }}) > 0 as is_used
from {{ source('google_analytics', 'configuration') }}
