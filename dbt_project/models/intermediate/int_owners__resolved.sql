with

hubspot_owners as (

    select
        owner_id,
        lower(trim(email)) as email
    from {{ ref('stg_hubspot__owners') }}

),

files_owners as (

    select
        owner_id,
        lower(trim(email)) as email
    from {{ ref('stg_files__owners') }}

),

-- Whom deals, activities, targets and people name, whether or not a list of owners tells who it is.
mentioned as (

    select owner_id, 'hubspot' as source from hubspot_owners
    union
    select owner_id, 'hubspot' as source from {{ ref('stg_hubspot__deals') }}
    union
    select owner_id, 'hubspot' as source from {{ ref('stg_hubspot__activities') }}
    union
    select owner_id, 'hubspot' as source from {{ ref('stg_hubspot__contacts') }}
    union
    select owner_id, 'files' as source from files_owners
    union
    select manager_id as owner_id, 'files' as source from {{ ref('stg_files__owners') }}
    union
    select owner_id, 'files' as source from {{ ref('stg_files__deals') }}
    union
    select owner_id, 'files' as source from {{ ref('stg_files__activities') }}
    union
    select owner_id, 'files' as source from {{ ref('stg_files__people') }}
    union
    select owner_id, 'files' as source from {{ ref('stg_files__targets') }}
    union
    select owner_id, 'files' as source from {{ ref('stg_files__deal_splits') }}

),

-- Reps may have two records in the CRM with one email; the lowest id stands for them.
hubspot_by_email as (

    select
        email,
        min(owner_id) as owner_id
    from hubspot_owners
    where email <> ''
    group by email

),

hubspot_ids as (

    select owner_id
    from mentioned
    where
        source = 'hubspot'
        and owner_id is not null

),

resolved as (

    select
        mentioned.source,
        mentioned.owner_id as source_owner_id,
        case
            when mentioned.source = 'hubspot' then 'hubspot'
            when by_email.owner_id is not null or by_id.owner_id is not null then 'hubspot'
            else 'files'
        end as canonical_source,
        coalesce(by_email.owner_id, by_id.owner_id, mentioned.owner_id) as canonical_owner_id
    from mentioned
    left join hubspot_owners
        on
            mentioned.owner_id = hubspot_owners.owner_id
            and mentioned.source = 'hubspot'
    left join files_owners
        on
            mentioned.owner_id = files_owners.owner_id
            and mentioned.source = 'files'
    left join hubspot_by_email as by_email
        on coalesce(hubspot_owners.email, files_owners.email) = by_email.email
    left join hubspot_ids as by_id
        on mentioned.owner_id = by_id.owner_id
    where mentioned.owner_id is not null

)

select
    source,
    source_owner_id,
    {{ surrogate_key(['canonical_source', 'canonical_owner_id']) }} as owner_key
from resolved
