select
    cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
    sum(sent) as sent,
    sum(clicks) as clicks,
    sum(unsubscribes) as unsubscribes
from {{ ref('fct_email_daily') }}
group by 1
order by 1
