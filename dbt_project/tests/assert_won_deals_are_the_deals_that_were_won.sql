-- Attributed revenue and booked revenue are the same money: every won deal with a closing day is one conversion of the same
-- person, at the same value.
with

deals as (

    select deal_key, person_key, amount_reporting
    from {{ ref('fct_deals') }}
    where
        is_won
        and closed_date is not null

),

conversions as (

    select deal_key, person_key, conversion_value
    from {{ ref('int_conversions__derived') }}
    where conversion_type = 'won_deal'

)

select
    deals.deal_key,
    conversions.deal_key as conversion_deal_key,
    deals.person_key,
    conversions.person_key as conversion_person_key,
    deals.amount_reporting,
    conversions.conversion_value
from deals
full outer join conversions on deals.deal_key = conversions.deal_key
where
    deals.deal_key is null
    or conversions.deal_key is null
    or deals.person_key is distinct from conversions.person_key
    or deals.amount_reporting is distinct from conversions.conversion_value
