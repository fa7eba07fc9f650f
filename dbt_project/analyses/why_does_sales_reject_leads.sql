select
    coalesce(rejection_reason, 'unstated') as rejection_reason,
    count(*) as handoffs
from {{ ref('fct_handoffs') }}
where decision = 'rejected'
group by coalesce(rejection_reason, 'unstated')
order by handoffs desc, rejection_reason
