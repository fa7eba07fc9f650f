select
    cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
    sum(sessions) as sessions,
    sum(engaged_sessions) as engaged_sessions
from {{ ref('fct_web_daily') }}
group by 1
order by 1
