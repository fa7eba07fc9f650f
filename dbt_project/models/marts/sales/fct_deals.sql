with

deals as (

    select * from {{ ref('int_deals__unioned') }}

),

people as (

    select * from {{ ref('int_deals__resolved') }}

),

-- A deal with nobody but test records is a test.
kept as (

    select
        deals.*,
        people.person_key,
        {{ business_date('deals.closed_at') }} as closed_date
    from deals
    left join people
        on
            deals.deal_key = people.deal_key
            and people.is_primary
    where not coalesce(people.is_excluded, false)

),

referred_people as (

    select distinct person_key from {{ ref('int_referrals__chained') }}

),

converted as (

    select
        kept.deal_key,
        kept.source,
        kept.source_deal_id,
        kept.person_key,
        companies.company_key,
        coalesce(kept.person_key, companies.company_key, kept.deal_key) as customer_key,
        owners.owner_key,
        kept.amount,
        kept.currency,
        {{ in_reporting_currency('kept.amount', 'fx_rates.fx_rate') }} as amount_reporting,
        kept.crm_stage,
        kept.stage,
        kept.probability,
        kept.deal_type,
        kept.created_at,
        kept.closed_at,
        kept.closed_date,
        case
            when {{ business_date('kept.created_at') }} <= kept.closed_date
                then cast({{ dbt.datediff(business_date('kept.created_at'), 'kept.closed_date', 'day') }} as integer)
        end as cycle_days,
        kept.close_date_expected_at,
        kept.is_won,
        kept.is_closed,
        kept.is_referral or referred_people.person_key is not null as is_referral,
        kept.loss_reason,
        kept.is_won and kept.closed_date is not null and coalesce(kept.amount, 0) >= 0 as is_purchase,
        kept.deleted_at
    from kept
    left join referred_people
        on kept.person_key = referred_people.person_key
    left join {{ ref('int_companies__resolved') }} as companies
        on
            kept.source = companies.source
            and kept.source_company_id = companies.source_company_id
    left join {{ ref('int_owners__resolved') }} as owners
        on
            kept.source = owners.source
            and kept.source_owner_id = owners.source_owner_id
    left join {{ ref('int_fx_rates__daily') }} as fx_rates
        on
            kept.currency = fx_rates.currency
            and coalesce(kept.closed_date, {{ as_of_date() }}) = fx_rates.rate_date

)

select
    deal_key,
    source,
    source_deal_id,
    person_key,
    company_key,
    customer_key,
    owner_key,
    amount,
    currency,
    amount_reporting,
    crm_stage,
    stage,
    probability,
    deal_type,
    created_at,
    closed_at,
    closed_date,
    cycle_days,
    close_date_expected_at,
    is_won,
    is_closed,
    is_referral,
    case
        when is_purchase
            then cast(row_number() over (partition by customer_key, is_purchase order by closed_at, deal_key) as integer)
    end as purchase_number,
    loss_reason,
    deleted_at
from converted
