select
    month_start_date,
    sum(opening_mrr) as opening_mrr,
    sum(closing_mrr) as closing_mrr,
    case
        when sum(unconverted_openings) = 0 and sum(unconverted_subscriptions) = 0
            then round(100 * sum(closing_mrr) / nullif(sum(opening_mrr), 0), 2)
    end as net_revenue_retention_percent
from {{ ref('rpt_revenue_retention') }}
group by month_start_date
order by month_start_date
