with

quotas as (

    select * from {{ ref('int_targets__judged') }}

),

credits as (

    select * from {{ ref('fct_deal_credits') }}

),

periods as (

    select distinct
        period_start,
        period_end
    from quotas

),

-- Rows of a rep in a period and a team, whatever is known of the rep: a quota, bookings, open deals. Nobody's deals are a
-- row too.
parts as (

    select
        period_start,
        period_end,
        owner_key,
        team,
        target,
        expected_by_now,
        unconverted_quotas,
        cast(0 as decimal(18, 2)) as bookings,
        cast(0 as decimal(18, 2)) as pipeline_open,
        cast(0 as bigint) as unconverted_deals,
        cast(0 as bigint) as unconverted_open_deals
    from quotas
    where owner_key is not null
    union all
    select
        periods.period_start,
        periods.period_end,
        credits.owner_key,
        credits.team,
        cast(null as decimal(18, 2)) as target,
        cast(null as decimal(18, 2)) as expected_by_now,
        cast(0 as bigint) as unconverted_quotas,
        credits.amount_reporting as bookings,
        cast(0 as decimal(18, 2)) as pipeline_open,
        cast(case when credits.is_unconverted then 1 else 0 end as bigint) as unconverted_deals,
        cast(0 as bigint) as unconverted_open_deals
    from credits
    inner join periods
        on credits.closed_date between periods.period_start and periods.period_end
    where credits.is_won
    union all
    select
        periods.period_start,
        periods.period_end,
        credits.owner_key,
        credits.team,
        cast(null as decimal(18, 2)) as target,
        cast(null as decimal(18, 2)) as expected_by_now,
        cast(0 as bigint) as unconverted_quotas,
        cast(0 as decimal(18, 2)) as bookings,
        credits.amount_reporting as pipeline_open,
        cast(0 as bigint) as unconverted_deals,
        cast(case when credits.is_unconverted then 1 else 0 end as bigint) as unconverted_open_deals
    from credits
    inner join periods
        on periods.period_end >= {{ as_of_date() }}
    where
        not credits.is_closed
        and not credits.is_deleted

),

reps as (

    select
        'rep' as level,
        owner_key,
        team,
        period_start,
        period_end,
        sum(target) as target,
        sum(expected_by_now) as expected_by_now,
        sum(unconverted_quotas) as unconverted_quotas,
        coalesce(sum(bookings), 0) as bookings,
        coalesce(sum(pipeline_open), 0) as pipeline_open,
        sum(unconverted_deals) as unconverted_deals,
        sum(unconverted_open_deals) as unconverted_open_deals
    from parts
    group by owner_key, team, period_start, period_end

),

team_quotas as (

    select
        period_start,
        period_end,
        team,
        sum(target) as target,
        sum(expected_by_now) as expected_by_now,
        sum(unconverted_quotas) as unconverted_quotas
    from quotas
    where owner_key is null
    group by period_start, period_end, team

),

-- A team's own quota counts only where none of its reps has one, so that the levels always agree.
rep_sums as (

    select
        team,
        period_start,
        period_end,
        sum(target) as target,
        sum(expected_by_now) as expected_by_now,
        sum(unconverted_quotas) as unconverted_quotas,
        sum(bookings) as bookings,
        sum(pipeline_open) as pipeline_open,
        sum(unconverted_deals) as unconverted_deals,
        sum(unconverted_open_deals) as unconverted_open_deals
    from reps
    group by team, period_start, period_end
    union all
    select
        team_quotas.team,
        team_quotas.period_start,
        team_quotas.period_end,
        team_quotas.target,
        team_quotas.expected_by_now,
        team_quotas.unconverted_quotas,
        cast(0 as decimal(18, 2)) as bookings,
        cast(0 as decimal(18, 2)) as pipeline_open,
        cast(0 as bigint) as unconverted_deals,
        cast(0 as bigint) as unconverted_open_deals
    from team_quotas
    left join (
        select distinct
            team,
            period_start,
            period_end
        from reps
        where target is not null
    ) as with_quota
        on
            team_quotas.team = with_quota.team
            and team_quotas.period_start = with_quota.period_start
            and team_quotas.period_end = with_quota.period_end
    where
        team_quotas.team is not null
        and with_quota.team is null

),

teams as (

    select
        'team' as level,
        cast(null as {{ dbt.type_string() }}) as owner_key,
        team,
        period_start,
        period_end,
        sum(target) as target,
        sum(expected_by_now) as expected_by_now,
        sum(unconverted_quotas) as unconverted_quotas,
        sum(bookings) as bookings,
        sum(pipeline_open) as pipeline_open,
        sum(unconverted_deals) as unconverted_deals,
        sum(unconverted_open_deals) as unconverted_open_deals
    from rep_sums
    group by team, period_start, period_end

),

company as (

    select
        'company' as level,
        cast(null as {{ dbt.type_string() }}) as owner_key,
        cast(null as {{ dbt.type_string() }}) as team,
        periods.period_start,
        periods.period_end,
        coalesce(sum(teams.target), max(company_quotas.target)) as target,
        coalesce(sum(teams.expected_by_now), max(company_quotas.expected_by_now)) as expected_by_now,
        coalesce(sum(teams.unconverted_quotas), 0)
        + case when sum(teams.target) is null then coalesce(max(company_quotas.unconverted_quotas), 0) else 0 end
            as unconverted_quotas,
        coalesce(sum(teams.bookings), 0) as bookings,
        coalesce(sum(teams.pipeline_open), 0) as pipeline_open,
        coalesce(sum(teams.unconverted_deals), 0) as unconverted_deals,
        coalesce(sum(teams.unconverted_open_deals), 0) as unconverted_open_deals
    from periods
    left join teams
        on
            periods.period_start = teams.period_start
            and periods.period_end = teams.period_end
    left join team_quotas as company_quotas
        on
            periods.period_start = company_quotas.period_start
            and periods.period_end = company_quotas.period_end
            and company_quotas.team is null
    group by periods.period_start, periods.period_end

),

unioned as (

    select * from reps
    union all
    select * from teams
    union all
    select * from company

)

select
    {{ surrogate_key(['level', 'owner_key', 'team', 'period_start', 'period_end']) }} as quota_attainment_key,
    level,
    owner_key,
    team,
    period_start,
    period_end,
    {{ as_of_date() }} between period_start and period_end as is_running,
    cast(target as decimal(18, 2)) as target,
    cast(bookings as decimal(18, 2)) as bookings,
    cast(
        case when unconverted_quotas = 0 and unconverted_deals = 0 then bookings / nullif(cast(target as double), 0) end as double
    ) as attainment,
    cast(expected_by_now as decimal(18, 2)) as expected_by_now,
    cast(case when period_end >= {{ as_of_date() }} then pipeline_open end as decimal(18, 2)) as pipeline_open,
    cast(
        case
            when
                period_end >= {{ as_of_date() }}
                and target > bookings
                and unconverted_quotas = 0
                and unconverted_deals = 0
                and unconverted_open_deals = 0
                then pipeline_open / nullif(cast(target - bookings as double), 0)
        end as double
    ) as pipeline_coverage,
    cast(unconverted_quotas as bigint) as unconverted_quotas,
    cast(unconverted_deals as bigint) as unconverted_deals,
    cast(unconverted_open_deals as bigint) as unconverted_open_deals
from unioned
