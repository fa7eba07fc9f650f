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
        changes.previous_mrr,
        changes.mrr,
        subscriptions.currency,
        {{ in_reporting_currency('(changes.mrr - changes.previous_mrr)', 'fx_rates.fx_rate') }} as change_at_todays_rate,
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

),

-- What has no rate is worth what it was when it last had one.
valued as (

    select
        *,
        coalesce(
            {{ known_at('mrr_reporting', partition_by='subscription_key', at='changed_at') }},
            0
        ) as known_mrr_reporting,
        case when mrr_reporting is null then 1 else 0 end as is_unconverted
    from converted

),

compared as (

    select
        *,
        coalesce(lag(known_mrr_reporting) over (partition by subscription_key order by changed_at), 0) as mrr_reporting_before,
        coalesce(lag(is_unconverted) over (partition by subscription_key order by changed_at), 0) as was_unconverted
    from valued

),

-- What churns is lost as it was counted; every other movement is told at its own day's rate.
moved as (

    select
        *,
        known_mrr_reporting - mrr_reporting_before as mrr_change_reporting,
        case
            when movement = 'churn' then -mrr_reporting_before
            else coalesce(change_at_todays_rate, 0)
        end as movement_reporting
    from compared

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
    previous_mrr,
    mrr,
    currency,
    mrr_reporting,
    cast(mrr_change_reporting as decimal(18, 2)) as mrr_change_reporting,
    cast(movement_reporting as decimal(18, 2)) as movement_reporting,
    cast(mrr_change_reporting - movement_reporting as decimal(18, 2)) as currency_effect,
    cast(is_unconverted - was_unconverted as integer) as unconverted_change
from moved
