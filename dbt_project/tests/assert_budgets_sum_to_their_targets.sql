-- The days of a budget that was never changed sum to what was set, to the cent, in the reporting currency.
with

versions as (

    select
        target_id,
        max(budget_key) as budget_key,
        sum(budget) as budget
    from {{ ref('int_budgets__spread') }}
    where not is_unconverted
    group by target_id

),

unchanged as (

    select budget_key
    from versions
    group by budget_key
    having count(*) = 1

)

select
    versions.target_id,
    versions.budget,
    targets.amount,
    fx_rates.fx_rate
from versions
inner join unchanged
    on unchanged.budget_key = versions.budget_key
inner join {{ ref('stg_files__targets') }} as targets
    on targets.target_id = versions.target_id
inner join {{ ref('int_fx_rates__daily') }} as fx_rates
    on
        fx_rates.currency = upper(trim(targets.currency))
        and fx_rates.rate_date = least(targets.period_start, {{ as_of_date() }})
where
    (targets.valid_from <= targets.period_start or targets.valid_from is null)
    and targets.period_end <= (select max(date_day) from {{ ref('dim_dates') }})
    and versions.budget <> {{ in_reporting_currency('targets.amount', 'fx_rates.fx_rate') }}
