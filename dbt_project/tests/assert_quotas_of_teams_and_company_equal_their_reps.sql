-- The same bookings, open deals and quotas are told for reps, teams and the company. A quota that only a team or only
-- the company has stands at no rep.
with

levels as (

    select
        period_start,
        period_end,
        sum(case when level = 'rep' then bookings else 0 end) as rep_bookings,
        sum(case when level = 'team' then bookings else 0 end) as team_bookings,
        sum(case when level = 'company' then bookings else 0 end) as company_bookings,
        sum(case when level = 'rep' then pipeline_open else 0 end) as rep_pipeline,
        sum(case when level = 'team' then pipeline_open else 0 end) as team_pipeline,
        sum(case when level = 'company' then pipeline_open else 0 end) as company_pipeline,
        sum(case when level = 'rep' then unconverted_deals + unconverted_open_deals else 0 end) as rep_unconverted,
        sum(case when level = 'team' then unconverted_deals + unconverted_open_deals else 0 end) as team_unconverted,
        sum(case when level = 'company' then unconverted_deals + unconverted_open_deals else 0 end) as company_unconverted
    from {{ ref('rpt_quota_attainment') }}
    group by period_start, period_end

),

team_targets as (

    select
        teams.period_start,
        teams.period_end,
        teams.team,
        teams.target as team_target,
        sum(reps.target) as rep_targets
    from {{ ref('rpt_quota_attainment') }} as teams
    inner join {{ ref('rpt_quota_attainment') }} as reps
        on
            teams.period_start = reps.period_start
            and teams.period_end = reps.period_end
            and teams.team is not distinct from reps.team
            and reps.level = 'rep'
    where teams.level = 'team'
    group by teams.period_start, teams.period_end, teams.team, teams.target

),

company_targets as (

    select
        period_start,
        period_end,
        sum(case when level = 'company' then target end) as company_target,
        sum(case when level = 'team' then target end) as team_targets
    from {{ ref('rpt_quota_attainment') }}
    group by period_start, period_end

)

select
    period_start,
    period_end,
    'bookings or open deals' as differs
from levels
where
    rep_bookings <> team_bookings
    or rep_bookings <> company_bookings
    or rep_pipeline <> team_pipeline
    or rep_pipeline <> company_pipeline
    or rep_unconverted <> team_unconverted
    or rep_unconverted <> company_unconverted
union all
select
    period_start,
    period_end,
    'target of team ' || coalesce(team, '(none)') as differs
from team_targets
where
    rep_targets is not null
    and rep_targets is distinct from team_target
union all
select
    period_start,
    period_end,
    'target of the company' as differs
from company_targets
where
    team_targets is not null
    and team_targets is distinct from company_target
