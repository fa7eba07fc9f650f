select
    owners.full_name,
    count(*) as won_deals,
    sum(deals.amount_reporting) as revenue
from {{ ref('fct_deals') }} as deals
inner join {{ ref('dim_owners') }} as owners
    on deals.owner_key = owners.owner_key
where deals.is_won
group by owners.full_name
order by revenue desc
