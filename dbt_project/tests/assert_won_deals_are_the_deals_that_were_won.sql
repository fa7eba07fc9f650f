-- Attributed revenue and booked revenue are the same money: every won deal is one conversion, at the same value.
select
    deals.deal_key,
    conversions.deal_key as conversion_deal_key,
    deals.amount_reporting,
    conversions.conversion_value
from (select deal_key, amount_reporting from {{ ref('fct_deals') }} where is_won) as deals
full outer join (
    select deal_key, conversion_value
    from {{ ref('int_conversions__derived') }}
    where conversion_type = 'won_deal'
) as conversions on deals.deal_key = conversions.deal_key
where
    deals.deal_key is null
    or conversions.deal_key is null
    or deals.amount_reporting is distinct from conversions.conversion_value
