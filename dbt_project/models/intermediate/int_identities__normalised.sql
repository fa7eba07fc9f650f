-- One row per address as written anywhere, with the mailbox it means.
with

addresses as (

    select email from {{ ref('stg_hubspot__contacts') }}
    union
    select email from {{ ref('stg_files__people') }}
    union
    select email from {{ ref('stg_files__web_events') }}
    union
    select email from {{ ref('int_email_events__classified') }}

),

split as (

    select
        email,
        {{ dbt.split_part('lower(trim(email))', "'@'", 1) }} as local_part,
        {{ dbt.split_part('lower(trim(email))', "'@'", 2) }} as domain
    from addresses
    where {{ matches('trim(email)', "'^[^@]+@[^@]+$'") }}

),

ruled as (

    select
        split.email,
        split.local_part,
        coalesce(own.canonical_domain, split.domain) as domain,
        coalesce(own.drops_plus_tag, others.drops_plus_tag, false) as drops_plus_tag,
        coalesce(own.drops_dots, others.drops_dots, false) as drops_dots
    from split
    left join {{ ref('email_rules') }} as own on split.domain = own.domain
    left join {{ ref('email_rules') }} as others on others.domain = '*'

),

without_tag as (

    select
        *,
        case
            when drops_plus_tag and local_part not like '+%' then {{ dbt.split_part('local_part', "'+'", 1) }}
            else local_part
        end as untagged
    from ruled

),

normalised as (

    select
        email,
        case when drops_dots then replace(untagged, '.', '') else untagged end as email_local_part,
        domain as email_domain,
        case when drops_dots then replace(untagged, '.', '') else untagged end || '@' || domain as normalised_email
    from without_tag

)

select * from normalised
