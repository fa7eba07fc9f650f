-- From the ledger's total to its components nothing is lost or told twice: in the reporting currency by month, and what
-- has no exchange rate in its own currency.
with

ledger as (

    select
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        case when spend_reporting is null then currency else '{{ var("reporting_currency") }}' end as currency,
        spend_reporting is null as is_unconverted,
        sum(coalesce(spend_reporting, spend)) as amount
    from {{ ref('fct_spend') }}
    where spend <> 0
    group by 1, 2, 3

),

components as (

    select
        month_start_date,
        currency,
        component = 'unconverted' as is_unconverted,
        sum(amount) as amount
    from {{ ref('rpt_spend_bridge') }}
    where component <> 'total'
    group by 1, 2, 3

),

totals as (

    select
        month_start_date,
        currency,
        false as is_unconverted,
        amount
    from {{ ref('rpt_spend_bridge') }}
    where component = 'total'

),

sides as (

    select
        month_start_date,
        currency,
        is_unconverted,
        amount as ledger,
        0 as components,
        0 as total
    from ledger
    union all
    select
        month_start_date,
        currency,
        is_unconverted,
        0 as ledger,
        amount as components,
        case when is_unconverted then amount else 0 end as total
    from components
    union all
    select
        month_start_date,
        currency,
        is_unconverted,
        0 as ledger,
        0 as components,
        amount as total
    from totals

)

select
    month_start_date,
    currency,
    is_unconverted,
    sum(ledger) as ledger,
    sum(components) as components,
    sum(total) as total
from sides
group by month_start_date, currency, is_unconverted
having
    sum(ledger) <> sum(components)
    or sum(ledger) <> sum(total)
