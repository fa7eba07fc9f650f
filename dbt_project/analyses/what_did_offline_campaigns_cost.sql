select
    channel,
    currency,
    sum(spend) as spend
from {{ ref('fct_spend') }}
where is_offline
group by channel, currency
order by channel, currency
