with

pipeline as (

    select * from {{ ref('rpt_pipeline') }}

),

-- What open deals of other currencies gained or lost by the exchange rate from one day to the next.
revalued as (

    select
        days.date_day,
        stays.stage,
        stays.owner_key,
        coalesce({{ in_reporting_currency('stays.amount', 'rates.fx_rate') }}, 0)
        - coalesce({{ in_reporting_currency('stays.amount', 'rates_before.fx_rate') }}, 0) as amount_reporting
    from {{ ref('int_deals__stayed') }} as stays
    inner join {{ ref('dim_dates') }} as days
        on
            stays.first_day < days.date_day
            and stays.day_after_last >= days.date_day
    left join {{ ref('int_fx_rates__daily') }} as rates
        on
            stays.currency = rates.currency
            and days.date_day = rates.rate_date
    left join {{ ref('int_fx_rates__daily') }} as rates_before
        on
            stays.currency = rates_before.currency
            and days.date_day - 1 = rates_before.rate_date
    where
        stays.currency <> '{{ var("reporting_currency") }}'
        and days.date_day <= {{ as_of_date() }}

),

movements as (

    select
        as_of_date,
        stage,
        owner_key,
        'closing' as movement,
        deals,
        amount_reporting
    from pipeline
    where deals > 0
    union all
    select
        as_of_date + 1 as as_of_date,
        stage,
        owner_key,
        'opening' as movement,
        deals,
        amount_reporting
    from pipeline
    where
        deals > 0
        and as_of_date < {{ as_of_date() }}
    union all
    select
        moved_on as as_of_date,
        stage,
        owner_key,
        movement,
        case when movement = 'amount_changed' then 0 else 1 end as deals,
        amount_reporting
    from {{ ref('int_deals__moved') }}
    union all
    select
        date_day as as_of_date,
        stage,
        owner_key,
        'currency' as movement,
        0 as deals,
        amount_reporting
    from revalued
    where amount_reporting <> 0

),

summed as (

    select
        as_of_date,
        stage,
        owner_key,
        sum(case when movement = 'opening' then deals else 0 end) as opening_deals,
        sum(case when movement = 'created' then deals else 0 end) as created_deals,
        sum(case when movement = 'reopened' then deals else 0 end) as reopened_deals,
        sum(case when movement = 'moved_in' then deals else 0 end) as moved_in_deals,
        sum(case when movement = 'moved_out' then deals else 0 end) as moved_out_deals,
        sum(case when movement = 'won' then deals else 0 end) as won_deals,
        sum(case when movement = 'lost' then deals else 0 end) as lost_deals,
        sum(case when movement = 'removed' then deals else 0 end) as removed_deals,
        sum(case when movement = 'closing' then deals else 0 end) as closing_deals,
        sum(case when movement = 'opening' then amount_reporting else 0 end) as opening_amount,
        sum(case when movement = 'created' then amount_reporting else 0 end) as created_amount,
        sum(case when movement = 'reopened' then amount_reporting else 0 end) as reopened_amount,
        sum(case when movement = 'moved_in' then amount_reporting else 0 end) as moved_in_amount,
        sum(case when movement = 'moved_out' then amount_reporting else 0 end) as moved_out_amount,
        sum(case when movement = 'won' then amount_reporting else 0 end) as won_amount,
        sum(case when movement = 'lost' then amount_reporting else 0 end) as lost_amount,
        sum(case when movement = 'removed' then amount_reporting else 0 end) as removed_amount,
        sum(case when movement = 'amount_changed' then amount_reporting else 0 end) as amount_changes,
        sum(case when movement = 'currency' then amount_reporting else 0 end) as currency_effect,
        sum(case when movement = 'closing' then amount_reporting else 0 end) as closing_amount
    from movements
    group by as_of_date, stage, owner_key

)

select
    {{ surrogate_key(['as_of_date', 'stage', 'owner_key']) }} as pipeline_day_key,
    as_of_date,
    stage,
    owner_key,
    cast(opening_deals as bigint) as opening_deals,
    cast(created_deals as bigint) as created_deals,
    cast(reopened_deals as bigint) as reopened_deals,
    cast(moved_in_deals as bigint) as moved_in_deals,
    cast(moved_out_deals as bigint) as moved_out_deals,
    cast(won_deals as bigint) as won_deals,
    cast(lost_deals as bigint) as lost_deals,
    cast(removed_deals as bigint) as removed_deals,
    cast(closing_deals as bigint) as closing_deals,
    cast(opening_amount as decimal(18, 2)) as opening_amount,
    cast(created_amount as decimal(18, 2)) as created_amount,
    cast(reopened_amount as decimal(18, 2)) as reopened_amount,
    cast(moved_in_amount as decimal(18, 2)) as moved_in_amount,
    cast(moved_out_amount as decimal(18, 2)) as moved_out_amount,
    cast(won_amount as decimal(18, 2)) as won_amount,
    cast(lost_amount as decimal(18, 2)) as lost_amount,
    cast(removed_amount as decimal(18, 2)) as removed_amount,
    cast(amount_changes as decimal(18, 2)) as amount_changes,
    cast(currency_effect as decimal(18, 2)) as currency_effect,
    cast(closing_amount as decimal(18, 2)) as closing_amount
from summed
