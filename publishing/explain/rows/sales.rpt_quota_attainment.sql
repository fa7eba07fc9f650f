-- Quotas of reps, of teams whose reps have none and else the company's; credits of won deals; credits of open deals.
with

quotas as (

    select
        *,
        case when owner_key is not null then 'rep' when team is not null then 'team' else 'company' end as told_for
    from build.intermediate.int_targets__judged

),

-- What a level is told from, so that the company's quota is that of its reps.
company_quotas as (

    select *
    from quotas
    where told_for = 'rep'
        or (
            told_for = 'team'
            and (team, period_start, period_end) not in (
                select (coalesce(team, '~'), period_start, period_end) from quotas where told_for = 'rep'
            )
        )
        or (
            told_for = 'company'
            and (period_start, period_end) not in (
                select (period_start, period_end) from quotas where told_for <> 'company'
            )
        )

),

periods as (

    select distinct
        period_start, period_end, getvariable('as_of') between period_start and period_end as is_running
    from quotas

),

parts as (

    select
        'company' as level, period_start, period_end, target, expected_by_now, unconverted_quotas, quota_key, owner_key,
        team
    from company_quotas
    union all by name
    select
        'rep' as level, period_start, period_end, target, expected_by_now, unconverted_quotas, quota_key, owner_key, team
    from quotas
    where told_for = 'rep'
    union all by name
    select
        levels.level, period_start, period_end,
        if(is_won, coalesce(amount_reporting, 0), 0) as bookings,
        if(not is_closed and not is_deleted and period_end >= getvariable('as_of'), amount_reporting, null)
            as pipeline_open,
        if(is_won and is_unconverted, 1, 0) as unconverted_deals,
        if(not is_closed and is_unconverted, 1, 0) as unconverted_open_deals,
        deal_key, owner_key, team, share, closed_date
    from build.sales.fct_deal_credits
    cross join (select unnest(['company', 'rep']) as level) as levels
    inner join periods
        on (is_won and closed_date between period_start and period_end)
        or (not is_closed and not is_deleted and period_end >= getvariable('as_of'))

)

select
    period_start, is_running,
    * exclude (period_start) replace (
        coalesce(unconverted_quotas, 0) as unconverted_quotas,
        coalesce(unconverted_deals, 0) as unconverted_deals,
        coalesce(unconverted_open_deals, 0) as unconverted_open_deals
    )
from parts
inner join periods using (period_start, period_end)
