with

sendings as (

    select
        {{ surrogate_key(["'mailchimp'", 'list_id', 'campaign_id']) }} as campaign_key,
        'mailchimp' as platform,
        {{ business_date('sent_at') }} as activity_date,
        emails_sent as sent,
        emails_sent - coalesce(hard_bounces, 0) - coalesce(soft_bounces, 0) as delivered,
        0 as human_opens,
        0 as human_openers,
        0 as machine_opens,
        0 as clicks,
        0 as clickers,
        0 as machine_clicks,
        0 as unsubscribes,
        0 as bounces
    from {{ ref('stg_mailchimp__campaigns') }}
    where sent_at < {{ as_of_end() }}

),

reactions as (

    select
        campaign_key,
        platform,
        {{ business_date('occurred_at') }} as activity_date,
        0 as sent,
        0 as delivered,
        case when action = 'open' and not is_machine then 1 else 0 end as human_opens,
        case when action = 'open' and not is_machine and occurrence = 1 then 1 else 0 end as human_openers,
        case when action = 'open' and is_machine then 1 else 0 end as machine_opens,
        case when action = 'click' and not is_machine then 1 else 0 end as clicks,
        case when action = 'click' and not is_machine and occurrence = 1 then 1 else 0 end as clickers,
        case when action = 'click' and is_machine then 1 else 0 end as machine_clicks,
        case when action = 'unsubscribe' then 1 else 0 end as unsubscribes,
        case when action = 'bounce' then 1 else 0 end as bounces
    from {{ ref('int_email_events__classified') }}

),

unioned as (

    select * from sendings
    union all
    select * from reactions

),

daily as (

    select
        {{ surrogate_key(['campaign_key', 'activity_date']) }} as email_daily_key,
        activity_date,
        platform,
        campaign_key,
        cast(sum(sent) as bigint) as sent,
        cast(sum(delivered) as bigint) as delivered,
        cast(sum(human_opens) as bigint) as human_opens,
        cast(sum(human_openers) as bigint) as human_openers,
        cast(sum(machine_opens) as bigint) as machine_opens,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(clickers) as bigint) as clickers,
        cast(sum(machine_clicks) as bigint) as machine_clicks,
        cast(sum(unsubscribes) as bigint) as unsubscribes,
        cast(sum(bounces) as bigint) as bounces
    from unioned
    group by campaign_key, activity_date, platform

)

select * from daily
