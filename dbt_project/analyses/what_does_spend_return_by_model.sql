select
    month_start_date,
    attribution_model,
    sum(spend_reporting) as spend,
    sum(attributed_revenue) as attributed_revenue,
    case
        when sum(unconverted_spend_rows) = 0 and sum(unconverted_deals) = 0
            then round(sum(attributed_revenue) / nullif(sum(spend_reporting), 0), 2)
    end as return_on_ad_spend
from {{ ref('rpt_return_by_model') }}
group by month_start_date, attribution_model
order by month_start_date, attribution_model
