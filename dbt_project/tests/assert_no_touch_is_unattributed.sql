-- `unattributed` stands for what had no touch, so no touch can have it.
select touch_key
from {{ ref('fct_touches') }}
where channel = 'unattributed'
