-- The moments that count: the first time a person stands at a stage's rank or higher, and every won deal.
with

reached as (

    select
        spells.person_key,
        types.conversion_type,
        min(spells.entered_at) as converted_at
    from {{ ref('int_lead_stages__spelled') }} as spells
    inner join (
        select 'lead' as conversion_type, 'warm' as stage
        union all
        select 'qualified', 'qualified'
        union all
        select 'opportunity', 'proposal'
        union all
        select 'customer', 'customer'
    ) as types on true
    inner join {{ ref('lead_stages') }} as lead_stages on types.stage = lead_stages.stage
    where spells.stage_rank >= lead_stages.stage_rank
    group by spells.person_key, types.conversion_type

),

people_of_deals as (

    select * from {{ ref('int_deals__resolved') }}

),

-- A deal whose people are all excluded is no deal; one without people is somebody's whom we do not know.
won as (

    select
        deals.deal_key,
        primary_people.person_key,
        deals.closed_at as converted_at,
        {{ in_reporting_currency('deals.amount', 'fx_rates.fx_rate') }} as conversion_value,
        coalesce(deals.amount, 0) < 0 as is_refund
    from {{ ref('int_deals__unioned') }} as deals
    left join people_of_deals as primary_people
        on deals.deal_key = primary_people.deal_key and primary_people.is_primary
    left join {{ ref('int_fx_rates__daily') }} as fx_rates
        on deals.currency = fx_rates.currency and fx_rates.rate_date = {{ business_date('deals.closed_at') }}
    where
        deals.is_won
        and deals.closed_at < {{ as_of_end() }}
        and not coalesce(primary_people.is_excluded, false)

),

first_won as (

    select
        people_of_deals.person_key,
        won.conversion_value,
        won.deal_key,
        row_number() over (
            partition by people_of_deals.person_key order by won.converted_at, won.deal_key
        ) as place
    from won
    inner join people_of_deals on won.deal_key = people_of_deals.deal_key
    where
        not people_of_deals.is_excluded
        and not won.is_refund

),

unioned as (

    select
        {{ surrogate_key(['reached.conversion_type', 'reached.person_key']) }} as conversion_key,
        reached.conversion_type,
        reached.person_key,
        case when reached.conversion_type = 'customer' then first_won.deal_key end as deal_key,
        reached.converted_at,
        case when reached.conversion_type = 'customer' then first_won.conversion_value end as conversion_value
    from reached
    left join first_won on reached.person_key = first_won.person_key and first_won.place = 1
    union all
    select
        {{ surrogate_key(["'won_deal'", 'deal_key']) }},
        'won_deal',
        person_key,
        deal_key,
        converted_at,
        conversion_value
    from won

)

select * from unioned
