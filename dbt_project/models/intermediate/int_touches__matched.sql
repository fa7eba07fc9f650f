-- Every touch with its campaign: by the vendor's id, else by name within the platform (or channel) it points to, else by
-- alias, else a campaign of platform `utm`, which nobody has mapped yet.
with

campaigns as (

    select
        campaign_key,
        platform,
        campaign_id,
        channel,
        lower(trim(campaign_name)) as campaign_name
    from {{ ref('int_campaigns__unioned') }}

),

by_id as (

    select platform, campaign_id, min(campaign_key) as campaign_key
    from campaigns
    group by platform, campaign_id

),

by_id_alone as (

    select campaign_id, min(campaign_key) as campaign_key
    from campaigns
    group by campaign_id
    having count(distinct platform) = 1

),

by_platform_and_name as (

    select platform, campaign_name, min(campaign_key) as campaign_key
    from campaigns
    group by platform, campaign_name

),

by_channel_and_name as (

    select channel, campaign_name, min(campaign_key) as campaign_key
    from campaigns
    group by channel, campaign_name

),

by_alias as (

    select aliases.platform, aliases.alias, min(by_id.campaign_key) as campaign_key
    from {{ ref('int_campaign_aliases__unioned') }} as aliases
    inner join by_id on aliases.platform = by_id.platform and aliases.campaign_id = by_id.campaign_id
    group by aliases.platform, aliases.alias

),

clicks as (

    select click_id, min(campaign_id) as campaign_id
    from {{ ref('stg_google_ads__clicks') }}
    group by click_id

),

touches as (

    select
        touches.*,
        coalesce(touches.platform, by_click.platform, by_source.platform) as implied_platform,
        lower(touches.campaign) as campaign_name,
        coalesce(touches.campaign_id, clicks.campaign_id, touches.utm_id) as vendor_campaign_id
    from {{ ref('int_touches__channelled') }} as touches
    left join (
        select click_id_type, min(platform) as platform
        from {{ ref('platform_rules') }} where click_id_type is not null
        group by click_id_type
    ) as by_click on touches.click_id_type = by_click.click_id_type
    left join (
        select sources.source_name, min(rules.platform) as platform
        from (select distinct source_name from {{ ref('int_touches__channelled') }}) as sources
        inner join {{ ref('platform_rules') }} as rules
            on {{ matches('sources.source_name', 'rules.source_pattern') }}
        group by sources.source_name
    ) as by_source on touches.source_name = by_source.source_name
    left join clicks on touches.click_id = clicks.click_id

),

matched as (

    select
        touches.*,
        coalesce(
            by_id.campaign_key,
            by_id_alone.campaign_key,
            by_platform_and_name.campaign_key,
            by_channel_and_name.campaign_key,
            by_alias.campaign_key
        ) as known_campaign_key
    from touches
    left join by_id
        on touches.implied_platform = by_id.platform and touches.vendor_campaign_id = by_id.campaign_id
    left join by_id_alone on touches.vendor_campaign_id = by_id_alone.campaign_id
    left join by_platform_and_name
        on
            touches.implied_platform = by_platform_and_name.platform
            and touches.campaign_name = by_platform_and_name.campaign_name
    left join by_channel_and_name
        on
            touches.implied_platform is null
            and touches.channel = by_channel_and_name.channel
            and touches.campaign_name = by_channel_and_name.campaign_name
    left join by_alias
        on touches.implied_platform = by_alias.platform and touches.campaign_name = by_alias.alias

)

select
    touch_key,
    person_key,
    touched_at,
    touch_type,
    channel,
    coalesce(
        known_campaign_key,
        case when campaign_name is not null then {{ surrogate_key(["'utm'", 'campaign_name']) }} end
    ) as campaign_key,
    case when known_campaign_key is null then campaign_name end as unmapped_campaign_name,
    department,
    source,
    source_touch_id
from matched
