select
    rejection_reason,
    count(*) as handoffs
from {{ ref('fct_handoffs') }}
where rejection_reason is not null
group by rejection_reason
order by handoffs desc, rejection_reason
