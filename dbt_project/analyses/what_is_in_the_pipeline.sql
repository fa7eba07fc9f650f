select
    stage,
    sum(deals) as deals,
    sum(amount_reporting) as amount
from {{ ref('rpt_pipeline') }}
where
    as_of_date = (select max(as_of_date) from {{ ref('rpt_pipeline') }})
    and deals > 0
group by stage
order by stage
