with

budgets as (

    select
        month_start_date,
        level,
        channel,
        team,
        sum(budget) as budget,
        sum(case when budget_date <= {{ as_of_date() }} then budget else 0 end) as expected_by_now,
        sum(case when is_unconverted then 1 else 0 end) as unconverted_rows
    from {{ ref('int_budgets__spread') }}
    group by month_start_date, level, channel, team

),

months as (

    select distinct month_start_date
    from budgets

),

spend as (

    select
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        channel,
        sum(coalesce(spend_reporting, 0)) as spend_reporting,
        sum(case when spend_reporting is null and spend <> 0 then 1 else 0 end) as unconverted_rows
    from {{ ref('fct_spend') }}
    group by 1, channel

),

-- Without a budget of its own the company has that of its channels and teams.
company_budgets as (

    select
        months.month_start_date,
        coalesce(max(case when budgets.level = 'company' then 1 else 0 end), 0) as has_its_own
    from months
    inner join budgets
        on budgets.month_start_date = months.month_start_date
    group by months.month_start_date

),

parts as (

    select
        month_start_date,
        level,
        channel,
        team,
        budget,
        expected_by_now,
        0 as spend_reporting,
        unconverted_rows
    from budgets
    where level <> 'company'
    union all
    select
        budgets.month_start_date,
        'company' as level,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as team,
        budgets.budget,
        budgets.expected_by_now,
        0 as spend_reporting,
        budgets.unconverted_rows
    from budgets
    inner join company_budgets
        on company_budgets.month_start_date = budgets.month_start_date
    where
        budgets.level = 'company'
        or company_budgets.has_its_own = 0
    union all
    select
        spend.month_start_date,
        'channel' as level,
        spend.channel,
        cast(null as {{ dbt.type_string() }}) as team,
        cast(null as decimal(18, 2)) as budget,
        cast(null as decimal(18, 2)) as expected_by_now,
        spend.spend_reporting,
        spend.unconverted_rows
    from spend
    inner join months
        on months.month_start_date = spend.month_start_date
    union all
    select
        spend.month_start_date,
        'company' as level,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as team,
        cast(null as decimal(18, 2)) as budget,
        cast(null as decimal(18, 2)) as expected_by_now,
        spend.spend_reporting,
        spend.unconverted_rows
    from spend
    inner join months
        on months.month_start_date = spend.month_start_date

),

-- No row of spend tells a team: what a team spent is not known.
summed as (

    select
        month_start_date,
        level,
        channel,
        team,
        sum(budget) as budget,
        sum(expected_by_now) as expected_by_now,
        case when level <> 'team' then sum(spend_reporting) end as spend_reporting,
        sum(unconverted_rows) as unconverted_rows
    from parts
    group by month_start_date, level, channel, team

)

select
    {{ surrogate_key(['month_start_date', 'level', 'channel', 'team']) }} as budget_attainment_key,
    month_start_date,
    level,
    channel,
    team,
    cast(budget as decimal(18, 2)) as budget,
    cast(expected_by_now as decimal(18, 2)) as expected_by_now,
    cast(spend_reporting as decimal(18, 2)) as spend_reporting,
    cast(unconverted_rows as bigint) as unconverted_rows,
    cast(case when unconverted_rows = 0 then spend_reporting - budget end as decimal(18, 2)) as variance,
    cast(case when unconverted_rows = 0 then spend_reporting - expected_by_now end as decimal(18, 2))
        as variance_by_now,
    cast(case when unconverted_rows = 0 then spend_reporting / nullif(budget, 0) end as double) as attainment,
    cast(case when unconverted_rows = 0 then spend_reporting / nullif(expected_by_now, 0) end as double)
        as attainment_by_now
from summed
