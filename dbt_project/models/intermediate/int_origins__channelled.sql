-- The channel of every origin - source, medium, campaign and kind of click id - by its own name or by the first rule that
-- fits. A few hundred origins stand for all touches and sessions, so the rules are tried on those alone.
with

told as (

    select
        source_name,
        medium,
        lower(campaign) as campaign,
        click_id_type
    from {{ ref('int_touches__unioned') }}
    union
    select
        source_name,
        medium,
        lower(campaign) as campaign,
        click_id_type
    from {{ ref('int_web_sessions__cut') }}

),

origins as (

    select
        source_name,
        medium,
        campaign,
        click_id_type,
        coalesce(source_name, medium, campaign, click_id_type) is null as is_bare,
        regexp_replace(
            coalesce(source_name, ''), '^((www|m|l|lm|cn|old|out|mobile|web|search|r[.]search|business)[.])', ''
        ) as site
    from told

),

categories as (

    select
        origins.source_name,
        min(categories.source_category) as source_category
    from origins
    inner join {{ ref('source_categories') }} as categories
        on
            origins.source_name = categories.source
            or origins.site = categories.source
            or {{ dbt.split_part('origins.site', "'.'", 1) }} = categories.source
    group by origins.source_name

),

-- A source, or a medium without a source, that is a channel's own name.
named as (

    select
        origins.*,
        channels.channel as own_channel,
        categories.source_category
    from origins
    left join {{ ref('channels') }} as channels
        on
            channels.channel <> 'unattributed'
            and channels.channel = replace(
                replace(
                    case
                        when origins.medium is null then origins.source_name
                        when origins.source_name is null then origins.medium
                    end,
                    ' ', '_'
                ),
                '-', '_'
            )
    left join categories on origins.source_name = categories.source_name

),

ruled as (

    select
        named.*,
        rules.channel as ruled_channel,
        rules.priority,
        row_number() over (
            partition by named.source_name, named.medium, named.campaign, named.click_id_type
            order by rules.priority asc nulls last
        ) as place
    from named
    left join {{ ref('channel_rules') }} as rules
        on
            (rules.source_category is null or named.source_category = rules.source_category)
            and (rules.source_pattern is null or {{ matches(
                "case when named.is_bare then '(direct)' else coalesce(named.source_name, '') end", 'rules.source_pattern'
            ) }})
            and (rules.medium_pattern is null or {{ matches("coalesce(named.medium, '')", 'rules.medium_pattern') }})
            and (rules.campaign_pattern is null or {{ matches("coalesce(named.campaign, '')", 'rules.campaign_pattern') }})
            and (
                rules.click_id_type_pattern is null
                or {{ matches("coalesce(named.click_id_type, '')", 'rules.click_id_type_pattern') }}
            )

)

select
    source_name,
    medium,
    campaign,
    click_id_type,
    is_bare,
    coalesce(own_channel, ruled_channel) as channel,
    case when own_channel is null then priority end as channel_rule_priority
from ruled
where place = 1
