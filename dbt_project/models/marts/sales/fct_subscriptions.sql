with

changes as (

    select * from {{ ref('int_subscriptions__changed') }}

),

subscriptions as (

    select
        subscriptions.subscription_id,
        people_resolved.person_key,
        companies.company_key,
        subscriptions.plan,
        subscriptions.currency
    from {{ ref('stg_files__subscriptions') }} as subscriptions
    left join {{ ref('int_people__resolved') }} as people_resolved
        on
            subscriptions.person_id = people_resolved.source_person_id
            and people_resolved.source = 'files'
    left join {{ ref('int_companies__resolved') }} as companies
        on
            trim(subscriptions.company) = companies.source_company_id
            and companies.source = 'files'
    where not coalesce(people_resolved.is_excluded, false)

),

converted as (

    select
        {{ surrogate_key(["'files'", 'subscriptions.subscription_id']) }} as subscription_key,
        subscriptions.person_key,
        subscriptions.company_key,
        subscriptions.plan,
        changes.changed_at,
        {{ business_date('changes.changed_at') }} as changed_date,
        changes.movement,
        changes.mrr,
        subscriptions.currency,
        case
            when changes.mrr = 0 then cast(0 as decimal(18, 2))
            else {{ in_reporting_currency('changes.mrr', 'fx_rates.fx_rate') }}
        end as mrr_reporting
    from changes
    inner join subscriptions
        on changes.subscription_id = subscriptions.subscription_id
    left join {{ ref('int_fx_rates__daily') }} as fx_rates
        on
            subscriptions.currency = fx_rates.currency
            and {{ business_date('changes.changed_at') }} = fx_rates.rate_date

)

select
    {{ surrogate_key(['subscription_key', 'changed_at']) }} as subscription_change_key,
    subscription_key,
    person_key,
    company_key,
    plan,
    changed_at,
    changed_date,
    movement,
    mrr,
    currency,
    mrr_reporting,
    cast(
        mrr_reporting - case
            when row_number() over (partition by subscription_key order by changed_at) = 1 then 0
            else lag(mrr_reporting) over (partition by subscription_key order by changed_at)
        end as decimal(18, 2)
    ) as mrr_change_reporting
from converted
