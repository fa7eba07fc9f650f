with

chains as (

    select * from {{ ref('int_referrals__chained') }}

),

people as (

    select
        person_key,
        max(case when depth = 1 then referrer_person_key end) as referrer_person_key,
        max_by(referrer_person_key, case when is_circular then 0 else depth end) as first_referrer_person_key,
        max(case when is_circular then 0 else depth end) as depth,
        bool_or(is_circular) as is_circular
    from chains
    group by person_key

),

won as (

    select
        person_key,
        count(*) as won_deals,
        sum(amount_reporting) as revenue,
        sum(case when amount is not null and amount_reporting is null then 1 else 0 end) as unconverted_deals
    from {{ ref('fct_deals') }}
    where
        is_won
        and closed_date is not null
    group by person_key

)

select
    people.person_key,
    people.referrer_person_key,
    people.first_referrer_person_key,
    cast(people.depth as integer) as depth,
    people.is_circular,
    dim_people.created_at,
    dim_people.is_customer,
    cast(coalesce(won.won_deals, 0) as bigint) as won_deals,
    cast(coalesce(won.revenue, 0) as decimal(18, 2)) as revenue,
    cast(coalesce(won.unconverted_deals, 0) as bigint) as unconverted_deals
from people
inner join {{ ref('dim_people') }} as dim_people
    on people.person_key = dim_people.person_key
left join won
    on people.person_key = won.person_key
