with

chains as (

    select
        chains.referrer_person_key,
        chains.depth,
        referrals.is_customer,
        referrals.won_deals,
        referrals.revenue,
        referrals.unconverted_deals
    from {{ ref('int_referrals__chained') }} as chains
    inner join {{ ref('fct_referrals') }} as referrals
        on chains.person_key = referrals.person_key
    where not chains.is_circular

)

select
    {{ surrogate_key(['referrer_person_key']) }} as referrer_key,
    referrer_person_key,
    cast(sum(case when depth = 1 then 1 else 0 end) as bigint) as people,
    cast(sum(case when depth = 1 and is_customer then 1 else 0 end) as bigint) as customers,
    cast(sum(case when depth = 1 then won_deals else 0 end) as bigint) as won_deals,
    cast(sum(case when depth = 1 then revenue else 0 end) as decimal(18, 2)) as revenue,
    cast(sum(case when depth = 1 then unconverted_deals else 0 end) as bigint) as unconverted_deals,
    cast(count(*) as bigint) as chain_people,
    cast(sum(case when is_customer then 1 else 0 end) as bigint) as chain_customers,
    cast(sum(revenue) as decimal(18, 2)) as chain_revenue,
    cast(sum(unconverted_deals) as bigint) as chain_unconverted_deals,
    cast(max(depth) as integer) as chain_depth
from chains
group by referrer_person_key
