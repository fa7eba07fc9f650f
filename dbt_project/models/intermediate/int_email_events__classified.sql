with

campaigns as (

    select * from {{ ref('stg_mailchimp__campaigns') }}

),

events as (

    select
        campaign_id,
        list_id,
        lower(email) as email,
        action,
        occurred_at,
        ip
    from {{ ref('stg_mailchimp__events') }}
    where occurred_at < {{ as_of_end() }}
    union all
    select
        campaign_id,
        list_id,
        lower(email) as email,
        'unsubscribe' as action,
        occurred_at,
        cast(null as {{ dbt.type_string() }}) as ip
    from {{ ref('stg_mailchimp__unsubscribes') }}
    where occurred_at < {{ as_of_end() }}

),

machine_addresses as (

    select distinct events.ip
    from events
    inner join {{ ref('machine_open_rules') }} as rules
        on events.ip like rules.ip_prefix || '%'

),

classified as (

    select
        events.campaign_id,
        events.list_id,
        events.email,
        events.action,
        events.occurred_at,
        -- A scanner opens an email and follows its links as it comes in; a privacy proxy only opens it.
        (
            events.action in ('open', 'click')
            and coalesce(
                events.occurred_at < {{ dbt.dateadd('second', var('machine_open_seconds'), 'campaigns.sent_at') }}, false
            )
        )
        or (events.action = 'open' and machine_addresses.ip is not null) as is_machine
    from events
    left join machine_addresses
        on machine_addresses.ip = events.ip
    left join campaigns
        on
            campaigns.campaign_id = events.campaign_id
            and campaigns.list_id = events.list_id

),

keyed as (

    select
        {{ surrogate_key(["'mailchimp'", 'list_id', 'campaign_id']) }} as campaign_key,
        'mailchimp' as platform,
        campaign_id,
        list_id,
        email,
        action,
        occurred_at,
        is_machine,
        row_number() over (
            partition by campaign_id, list_id, email, action, is_machine
            order by occurred_at
        ) as occurrence
    from classified

)

select * from keyed
