with

owners as (

    select
        resolved.owner_key,
        min(owners.team) as team
    from {{ ref('int_owners__resolved') }} as resolved
    left join {{ ref('stg_files__owners') }} as owners
        on
            resolved.source_owner_id = owners.owner_id
            and resolved.source = 'files'
    group by resolved.owner_key

),

changes as (

    select
        resolved.owner_key,
        teams.valid_from as first_day,
        max(nullif(trim(teams.team), '')) as team
    from {{ ref('stg_files__owner_teams') }} as teams
    inner join {{ ref('int_owners__resolved') }} as resolved
        on
            teams.owner_id = resolved.source_owner_id
            and resolved.source = 'files'
    where teams.valid_from <= {{ as_of_date() }}
    group by resolved.owner_key, teams.valid_from

),

unioned as (

    select
        owner_key,
        cast('0001-01-01' as date) as first_day,
        team
    from owners
    union all
    select
        owner_key,
        first_day,
        team
    from changes

)

select
    owner_key,
    team,
    first_day,
    coalesce(
        lead(first_day) over (partition by owner_key order by first_day), cast('9999-12-31' as date)
    ) as day_after_last
from unioned
