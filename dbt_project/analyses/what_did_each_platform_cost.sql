select
    cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
    platform,
    sum(spend_reporting) as spend
from {{ ref('fct_spend') }}
where platform <> 'offline'
group by 1, 2
order by 1, 2
