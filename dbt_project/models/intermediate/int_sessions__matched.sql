with

sessions as (

    select * from {{ ref('int_sessions__daily') }}

),

links as (

    select
        sessions.source,
        sessions.channel,
        sessions.campaign,
        min(rules.platform) as implied_platform
    from sessions
    left join {{ ref('platform_rules') }} as rules
        on {{ matches('sessions.source', 'rules.source_pattern') }}
    where sessions.campaign is not null
    group by sessions.source, sessions.channel, sessions.campaign

),

campaigns as (

    select
        campaign_key,
        platform,
        campaign_id,
        channel,
        lower(trim(campaign_name)) as campaign_name
    from {{ ref('dim_campaigns') }}

),

aliases as (

    select
        campaigns.campaign_key,
        aliases.platform,
        aliases.alias
    from {{ ref('int_campaign_aliases__unioned') }} as aliases
    inner join campaigns
        on
            campaigns.platform = aliases.platform
            and campaigns.campaign_id = aliases.campaign_id

),

-- As touches find theirs: by name within the platform (else the channel) that the link points to, else by alias, else as
-- a campaign that nobody has mapped yet.
matched as (

    select
        links.source,
        links.channel,
        links.campaign,
        coalesce(
            min(case when campaigns.platform = links.implied_platform then campaigns.campaign_key end),
            min(
                case
                    when links.implied_platform is null and campaigns.channel = links.channel and campaigns.platform <> 'utm'
                        then campaigns.campaign_key
                end
            ),
            min(aliases.campaign_key),
            min(case when campaigns.platform = 'utm' then campaigns.campaign_key end)
        ) as campaign_key
    from links
    left join campaigns
        on campaigns.campaign_name = links.campaign
    left join aliases
        on
            aliases.platform = links.implied_platform
            and aliases.alias = links.campaign
    group by links.source, links.channel, links.campaign

),

found as (

    select
        sessions.*,
        matched.campaign_key
    from sessions
    left join matched
        on
            sessions.source is not distinct from matched.source
            and sessions.channel = matched.channel
            and sessions.campaign = matched.campaign

)

select * from found
