select
    channel,
    currency,
    sum(spend) as spend
from {{ ref('fct_spend') }}
where platform = 'offline'
group by channel, currency
order by channel, currency
