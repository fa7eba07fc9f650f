-- Whose periods overlap has two targets for one day, and between two periods with a gap there is none: look at the file.
{{ config(severity='warn') }}

with

targets as (

    select
        coalesce(lower(trim(department)), 'marketing') as department,
        lower(trim(metric)) as metric,
        owner_id,
        nullif(trim(team), '') as team,
        lower(nullif(trim(segment), '')) as segment,
        period_start,
        period_end,
        lower(trim(department)) = 'marketing' and lower(trim(metric)) in ('budget', 'spend') as is_budget
    from {{ ref('stg_files__targets') }}

),

-- Budgets are one as int_budgets__spread takes them: by channel, else team, under both names and whoever owns them.
periods as (

    select distinct
        targets.department,
        case when targets.is_budget then 'budget' else targets.metric end as metric,
        case when targets.is_budget then null else targets.owner_id end as owner_id,
        case
            when targets.is_budget then coalesce(channels.channel, targets.team)
            when targets.owner_id is null then targets.team
        end as team,
        targets.segment,
        targets.period_start,
        targets.period_end
    from targets
    left join {{ ref('channels') }} as channels
        on channels.channel = replace(replace(lower(targets.team), ' ', '_'), '-', '_')

),

followed as (

    select
        *,
        lead(period_start) over (
            partition by department, metric, owner_id, team, segment
            order by period_start, period_end
        ) as next_period_start
    from periods

)

select
    department,
    metric,
    owner_id,
    team,
    segment,
    period_start as period_start_date,
    period_end as period_end_date,
    case
        when period_end < period_start then 'ends before it begins'
        when next_period_start <= period_end then 'overlaps the next one'
        else 'leaves a gap before the next one'
    end as problem
from followed
where
    period_end < period_start
    or next_period_start <> period_end + 1
