-- What the flights of a campaign have cost so far is what the ledger holds of it.
with

flights as (

    select
        campaign_key,
        sum(spent) as spent
    from {{ ref('fct_flights') }}
    group by campaign_key

),

ledger as (

    select
        campaign_key,
        sum(spend) as spend
    from {{ ref('fct_spend') }}
    where account_id is null
    group by campaign_key

)

select
    flights.campaign_key,
    ledger.campaign_key as ledger_campaign_key,
    flights.spent,
    ledger.spend
from flights
full outer join ledger on flights.campaign_key = ledger.campaign_key
where flights.spent is distinct from ledger.spend
