-- The path of every conversion: its touches in the lookback window, in order.
with

conversions as (

    select * from {{ ref('int_conversions__derived') }}

),

travellers as (

    select conversion_key, person_key
    from conversions
    where conversion_type <> 'won_deal'
    union
    select conversions.conversion_key, resolved.person_key
    from conversions
    inner join {{ ref('int_deals__peopled') }} as peopled on conversions.deal_key = peopled.deal_key
    inner join {{ ref('int_people__resolved') }} as resolved
        on peopled.source = resolved.source and peopled.source_person_id = resolved.source_person_id
    where conversions.conversion_type = 'won_deal' and not resolved.is_excluded

),

qualified as (

    select person_key, converted_at as qualified_at
    from conversions
    where conversion_type = 'qualified'

),

-- After somebody is qualified, sales' touches work the deal; before, they are an origin like any other.
pathed as (

    select
        conversions.conversion_key,
        conversions.conversion_type,
        conversions.converted_at,
        touches.touch_key,
        touches.person_key,
        touches.touched_at,
        touches.channel,
        touches.campaign_key,
        row_number() over (
            partition by conversions.conversion_key
            order by touches.touched_at, touches.source, touches.source_touch_id
        ) as position,
        count(*) over (partition by conversions.conversion_key) as touches
    from conversions
    inner join travellers on conversions.conversion_key = travellers.conversion_key
    inner join {{ ref('int_touches__matched') }} as touches on travellers.person_key = touches.person_key
    left join qualified on touches.person_key = qualified.person_key
    where
        touches.touched_at <= conversions.converted_at
        {% if var('attribution_lookback_days') is not none %}
            and touches.touched_at >= {{ dbt.dateadd('day', -var('attribution_lookback_days'), 'conversions.converted_at') }}
        {% endif %}
        and (
            touches.department <> 'sales'
            or qualified.qualified_at is null
            or touches.touched_at < qualified.qualified_at
        )

)

select * from pathed
