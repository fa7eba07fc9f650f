with

resolved as (

    select * from {{ ref('int_owners__resolved') }}

),

hubspot_owners as (

    select * from {{ ref('stg_hubspot__owners') }}

),

files_owners as (

    select * from {{ ref('stg_files__owners') }}

),

described as (

    select
        resolved.owner_key,
        min(hubspot_owners.full_name) as crm_name,
        min(files_owners.full_name) as files_name,
        min(resolved.source_owner_id) as source_owner_id,
        min(teams.team) as team,
        min(managers.owner_key) as manager_key,
        min(files_owners.start_date) as start_date,
        bool_or(hubspot_owners.is_active) as is_active_in_crm
    from resolved
    left join hubspot_owners
        on
            resolved.source_owner_id = hubspot_owners.owner_id
            and resolved.source = 'hubspot'
    left join files_owners
        on
            resolved.source_owner_id = files_owners.owner_id
            and resolved.source = 'files'
    left join {{ ref('int_owners__teamed') }} as teams
        on
            resolved.owner_key = teams.owner_key
            and teams.first_day <= {{ as_of_date() }}
            and teams.day_after_last > {{ as_of_date() }}
    left join resolved as managers
        on
            files_owners.manager_id = managers.source_owner_id
            and managers.source = 'files'
    group by resolved.owner_key

)

select
    owner_key,
    coalesce(crm_name, files_name, source_owner_id) as full_name,
    team,
    manager_key,
    start_date,
    coalesce(is_active_in_crm, true) as is_active
from described
