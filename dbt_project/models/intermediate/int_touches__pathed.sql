-- The path of every conversion: its touches in the lookback window, in order.
with

conversions as (

    select conversion_key, conversion_type, person_key, converted_at from {{ ref('int_conversions__derived') }}

),

peopled as (

    select * from {{ ref('int_conversions__peopled') }}

),

-- When the people of a path first were a lead and an opportunity: of a deal's people the first.
milestones as (

    select
        peopled.conversion_key,
        min(case when conversions.conversion_type = 'lead' then conversions.converted_at end) as lead_at,
        min(case when conversions.conversion_type = 'opportunity' then conversions.converted_at end) as opportunity_at
    from peopled
    inner join conversions on peopled.person_key = conversions.person_key
    where conversions.conversion_type in ('lead', 'opportunity')
    group by peopled.conversion_key

),

windows as (

    select
        conversions.conversion_key,
        conversions.conversion_type,
        conversions.converted_at,
        case when milestones.lead_at <= conversions.converted_at then milestones.lead_at end as lead_at,
        case when milestones.opportunity_at <= conversions.converted_at then milestones.opportunity_at end as opportunity_at
    from conversions
    left join milestones on conversions.conversion_key = milestones.conversion_key

),

touched as (

    select
        windows.conversion_key,
        windows.conversion_type,
        touches.touch_key,
        touches.touched_at,
        touches.channel,
        touches.campaign_key,
        touches.source,
        touches.source_touch_id,
        case when touches.touched_at <= windows.lead_at then 1 else 0 end as is_before_lead,
        case when touches.touched_at <= windows.opportunity_at then 1 else 0 end as is_before_opportunity
    from windows
    inner join peopled on windows.conversion_key = peopled.conversion_key
    inner join {{ ref('int_touches__admitted') }} as touches on peopled.person_key = touches.person_key
    where
        touches.touched_at <= windows.converted_at
        {% if var('attribution_lookback_days') is not none %}
            and touches.touched_at >= {{ dbt.dateadd('day', -var('attribution_lookback_days'), 'windows.converted_at') }}
        {% endif %}

),

-- Ties are ordered by source, then the vendor's id. The touch that made the lead is the last one until then.
pathed as (

    select
        conversion_key,
        conversion_type,
        touch_key,
        touched_at,
        channel,
        campaign_key,
        row_number() over (
            partition by conversion_key order by touched_at, source, source_touch_id
        ) as position,
        count(*) over (partition by conversion_key) as touches,
        nullif(sum(is_before_lead) over (partition by conversion_key), 0) as lead_position,
        nullif(sum(is_before_opportunity) over (partition by conversion_key), 0) as opportunity_position
    from touched

)

select * from pathed
