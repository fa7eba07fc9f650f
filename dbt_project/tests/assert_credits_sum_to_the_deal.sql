-- A shared deal is split, never multiplied or lost: its credits are the deal, to the cent, and their shares are one.
select
    deals.deal_key,
    max(deals.amount_reporting) as amount_reporting,
    sum(credits.amount_reporting) as credited,
    sum(credits.share) as share
from {{ ref('fct_deals') }} as deals
left join {{ ref('fct_deal_credits') }} as credits
    on deals.deal_key = credits.deal_key
group by deals.deal_key
having
    max(deals.amount_reporting) is distinct from sum(credits.amount_reporting)
    or abs(sum(credits.share) - 1) > 0.00000001
    or sum(credits.share) is null
