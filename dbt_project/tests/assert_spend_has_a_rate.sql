-- An amount that cannot be converted is in no total: somebody must bring the rate of this currency and day.
{{ config(severity='warn') }}

select
    currency,
    activity_date,
    count(*) as campaigns,
    sum(spend) as spend
from {{ ref('fct_spend') }}
where
    spend_reporting is null
    and spend <> 0
group by currency, activity_date
order by currency, activity_date
