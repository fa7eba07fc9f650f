-- Every touch with its channel: the one its source names, else the first rule that fits.
with

touches as (

    select
        *,
        row_number() over (partition by person_key order by touched_at, source, source_touch_id) as place
    from {{ ref('int_touches__unioned') }}

),

-- A few hundred different origins stand for all touches, so the rules are tried on those alone.
origins as (

    select distinct
        source_name,
        medium,
        lower(campaign) as campaign,
        click_id_type,
        coalesce(source_name, medium, campaign, click_id_type) is null as is_bare,
        regexp_replace(
            coalesce(source_name, ''), '^((www|m|l|lm|cn|old|out|mobile|web|search|r\.search|business)\.)', ''
        ) as site
    from touches

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

),

channelled as (

    select
        touches.*,
        coalesce(
            touches.named_channel,
            ruled.own_channel,
            -- Only a web visit that tells nothing is direct; for other touches the kind may name the channel.
            case when not ruled.is_bare or touches.touch_type in ('session', 'form') then ruled.ruled_channel end,
            case
                when touches.touch_type = 'call' and touches.place = 1 then 'cold_call'
                when touches.touch_type = 'call' then 'warm_call'
            end,
            by_type.channel,
            'other'
        ) as channel
    from touches
    left join ruled
        on
            ruled.place = 1
            and touches.source_name is not distinct from ruled.source_name
            and touches.medium is not distinct from ruled.medium
            and lower(touches.campaign) is not distinct from ruled.campaign
            and touches.click_id_type is not distinct from ruled.click_id_type
    left join {{ ref('channels') }} as by_type
        on by_type.channel <> 'unattributed' and touches.touch_type = by_type.channel

)

select * from channelled
