-- The revenue of referred people is told by person and by referrer; both are the won deals of those people.
with

by_person as (

    select
        count(*) as people,
        coalesce(sum(revenue), 0) as revenue
    from {{ ref('fct_referrals') }}

),

by_referrer as (

    select
        coalesce(sum(people), 0) as people,
        coalesce(sum(revenue), 0) as revenue
    from {{ ref('rpt_referrals') }}

),

by_deal as (

    select coalesce(sum(deals.amount_reporting), 0) as revenue
    from {{ ref('fct_deals') }} as deals
    inner join {{ ref('fct_referrals') }} as referrals
        on deals.person_key = referrals.person_key
    where deals.is_won

)

select
    by_person.people,
    by_referrer.people as people_by_referrer,
    by_person.revenue,
    by_referrer.revenue as revenue_by_referrer,
    by_deal.revenue as revenue_by_deal
from by_person
cross join by_referrer
cross join by_deal
where
    by_person.people <> by_referrer.people
    or by_person.revenue <> by_referrer.revenue
    or by_person.revenue <> by_deal.revenue
