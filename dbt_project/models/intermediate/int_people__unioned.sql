-- One row per person record of any source, merged losers and purged records included.
with

hubspot as (

    select
        'hubspot' as source,
        contact_id as source_person_id,
        email,
        full_name,
        phone,
        company_name,
        company_id as source_company_id,
        country,
        segment,
        created_at,
        owner_id as source_owner_id,
        is_test,
        referred_by_contact_id as referred_by_source_person_id,
        case when archived_at < {{ as_of_end() }} then archived_at end as deleted_at
    from {{ ref('stg_hubspot__contacts') }}

),

-- The files know companies by name only: the name is their id.
files as (

    select
        'files' as source,
        person_id as source_person_id,
        email,
        full_name,
        cast(null as {{ dbt.type_string() }}) as phone,
        company as company_name,
        nullif(trim(company), '') as source_company_id,
        country,
        segment,
        created_at,
        owner_id as source_owner_id,
        is_test,
        referred_by_person_id as referred_by_source_person_id,
        cast(null as timestamp) as deleted_at
    from {{ ref('stg_files__people') }}

),

told as (

    select * from hubspot
    union all
    select * from files

),

mentioned as (

    select * from {{ ref('int_people__mentioned') }}

),

losers as (

    select distinct contact_id from {{ ref('stg_hubspot__contact_merges') }}

),

records as (

    select
        coalesce(told.source, mentioned.source) as source,
        coalesce(told.source_person_id, mentioned.source_person_id) as source_person_id,
        nullif(trim(told.email), '') as email,
        emails.normalised_email,
        emails.email_domain,
        emails.email_local_part,
        told.full_name,
        told.phone,
        told.company_name,
        told.source_company_id,
        told.country,
        lower(nullif(trim(told.segment), '')) as segment,
        coalesce(told.created_at, mentioned.first_seen_at) as created_at,
        told.source_owner_id,
        coalesce(told.is_test, false) as is_test,
        told.referred_by_source_person_id,
        told.deleted_at,
        losers.contact_id is not null as is_merged_away
    from told
    full outer join mentioned
        on told.source = mentioned.source and told.source_person_id = mentioned.source_person_id
    left join {{ ref('int_identities__normalised') }} as emails on told.email = emails.email
    left join losers
        on
            coalesce(told.source, mentioned.source) = 'hubspot'
            and coalesce(told.source_person_id, mentioned.source_person_id) = losers.contact_id

)

select * from records
where created_at < {{ as_of_end() }} or created_at is null
