with

chains as (

    select
        chains.referrer_person_key,
        chains.depth,
        1 as people,
        case when referrals.is_customer then 1 else 0 end as customers,
        referrals.won_deals,
        referrals.revenue,
        referrals.unconverted_deals,
        cast(0 as bigint) as unnamed_deals,
        cast(0 as decimal(18, 2)) as unnamed_revenue
    from {{ ref('int_referrals__chained') }} as chains
    inner join {{ ref('fct_referrals') }} as referrals
        on chains.person_key = referrals.person_key
    where not chains.is_circular

),

-- What the CRM calls a referral without a person whom somebody recommended.
unnamed as (

    select
        cast(null as {{ dbt.type_string() }}) as referrer_person_key,
        1 as depth,
        0 as people,
        0 as customers,
        count(*) as won_deals,
        sum(deals.amount_reporting) as revenue,
        sum(case when deals.amount is not null and deals.amount_reporting is null then 1 else 0 end) as unconverted_deals,
        count(*) as unnamed_deals,
        sum(deals.amount_reporting) as unnamed_revenue
    from {{ ref('fct_deals') }} as deals
    left join {{ ref('fct_referrals') }} as referrals
        on deals.person_key = referrals.person_key
    where
        deals.is_won
        and deals.closed_date is not null
        and deals.is_referral
        and referrals.person_key is null
    having count(*) > 0

),

unioned as (

    select * from chains
    union all
    select * from unnamed

)

select
    {{ surrogate_key(['referrer_person_key']) }} as referrer_key,
    referrer_person_key,
    cast(sum(case when depth = 1 then people else 0 end) as bigint) as people,
    cast(sum(case when depth = 1 then customers else 0 end) as bigint) as customers,
    cast(sum(case when depth = 1 then won_deals else 0 end) as bigint) as won_deals,
    cast(coalesce(sum(case when depth = 1 then revenue end), 0) as decimal(18, 2)) as revenue,
    cast(sum(case when depth = 1 then unconverted_deals else 0 end) as bigint) as unconverted_deals,
    cast(sum(unnamed_deals) as bigint) as unnamed_deals,
    cast(coalesce(sum(unnamed_revenue), 0) as decimal(18, 2)) as unnamed_revenue,
    cast(sum(people) as bigint) as chain_people,
    cast(sum(customers) as bigint) as chain_customers,
    cast(coalesce(sum(revenue), 0) as decimal(18, 2)) as chain_revenue,
    cast(sum(unconverted_deals) as bigint) as chain_unconverted_deals,
    cast(max(depth) as integer) as chain_depth
from unioned
group by referrer_person_key
