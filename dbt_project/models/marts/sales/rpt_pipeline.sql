with

days as (

    select date_day
    from {{ ref('dim_dates') }}
    where date_day <= {{ as_of_date() }}

),

open_deals as (

    select
        days.date_day,
        stays.stage,
        stays.owner_key,
        stays.amount,
        {{ in_reporting_currency('stays.amount', 'fx_rates.fx_rate') }} as amount_reporting,
        stays.probability
    from {{ ref('int_deals__stayed') }} as stays
    inner join days
        on
            stays.first_day <= days.date_day
            and stays.day_after_last > days.date_day
    left join {{ ref('int_fx_rates__daily') }} as fx_rates
        on
            stays.currency = fx_rates.currency
            and days.date_day = fx_rates.rate_date

),

unioned as (

    select
        date_day,
        stage,
        owner_key,
        count(*) as deals,
        sum(amount_reporting) as amount_reporting,
        sum(cast(round(amount_reporting * cast(probability as decimal(20, 12)), 2) as decimal(18, 2))) as weighted_amount,
        sum(case when amount is not null and amount_reporting is null then 1 else 0 end) as unconverted_deals,
        sum(case when probability is null then 1 else 0 end) as deals_without_probability,
        cast(null as bigint) as closed_deals,
        cast(null as bigint) as won_deals,
        cast(null as double) as median_cycle_days
    from open_deals
    group by date_day, stage, owner_key
    union all
    select
        days.date_day,
        judged.stage,
        judged.owner_key,
        0 as deals,
        cast(0 as decimal(18, 2)) as amount_reporting,
        cast(0 as decimal(18, 2)) as weighted_amount,
        0 as unconverted_deals,
        0 as deals_without_probability,
        judged.closed_deals,
        judged.won_deals,
        judged.median_cycle_days
    from {{ ref('int_deal_stages__judged') }} as judged
    inner join days
        on
            judged.first_day <= days.date_day
            and judged.day_after_last > days.date_day

),

combined as (

    select
        date_day,
        stage,
        owner_key,
        sum(deals) as deals,
        coalesce(sum(amount_reporting), 0) as amount_reporting,
        coalesce(sum(weighted_amount), 0) as weighted_amount,
        sum(unconverted_deals) as unconverted_deals,
        sum(deals_without_probability) as deals_without_probability,
        coalesce(max(closed_deals), 0) as closed_deals,
        coalesce(max(won_deals), 0) as won_deals,
        max(median_cycle_days) as median_cycle_days
    from unioned
    group by date_day, stage, owner_key

)

select
    {{ surrogate_key(['date_day', 'stage', 'owner_key']) }} as pipeline_key,
    date_day as as_of_date,
    stage,
    owner_key,
    cast(deals as bigint) as deals,
    cast(amount_reporting as decimal(18, 2)) as amount_reporting,
    cast(weighted_amount as decimal(18, 2)) as weighted_amount,
    cast(unconverted_deals as bigint) as unconverted_deals,
    cast(deals_without_probability as bigint) as deals_without_probability,
    cast(closed_deals as bigint) as closed_deals,
    cast(won_deals as bigint) as won_deals,
    cast(won_deals as double) / nullif(closed_deals, 0) as win_rate,
    median_cycle_days
from combined
