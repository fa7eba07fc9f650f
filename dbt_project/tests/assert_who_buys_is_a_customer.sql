-- Customers are counted as people and as who buys: whoever stands for a won deal is also a person who has been a customer.
{{ config(severity='warn') }}

select
    deals.deal_key,
    deals.person_key
from {{ ref('fct_deals') }} as deals
inner join {{ ref('dim_people') }} as people
    on deals.person_key = people.person_key
where
    deals.purchase_number >= 1
    and not people.is_customer
    and not people.is_deleted
