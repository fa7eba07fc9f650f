select
    cast({{ dbt.date_trunc('quarter', 'activity_date') }} as date) as quarter_start_date,
    sum(spend_reporting) as spend,
    sum(customers) as customers,
    case
        when sum(unconverted_spend_rows) = 0 then round(sum(spend_reporting) / nullif(sum(customers), 0), 2)
    end as customer_acquisition_cost
from {{ ref('rpt_channel_performance') }}
group by 1
order by 1
