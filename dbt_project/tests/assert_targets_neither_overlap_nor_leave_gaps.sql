-- Whose periods overlap has two targets for one day, and between two periods with a gap there is none: look at the file.
{{ config(severity='warn') }}

with

periods as (

    select distinct
        coalesce(lower(trim(department)), 'marketing') as department,
        lower(trim(metric)) as metric,
        owner_id,
        case when owner_id is null then team end as team,
        segment,
        period_start,
        period_end
    from {{ ref('stg_files__targets') }}

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
