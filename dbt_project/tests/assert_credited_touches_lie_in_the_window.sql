-- No model gives credit to a touch after the conversion, before the lookback window, of somebody else, or of sales when it
-- already worked the deal.
with

qualified as (

    select person_key, converted_at as qualified_at
    from {{ ref('int_conversions__derived') }}
    where conversion_type = 'qualified'

)

select attribution.conversion_key, attribution.attribution_model, attribution.touch_key
from {{ ref('fct_attribution') }} as attribution
left join {{ ref('fct_touches') }} as touches on attribution.touch_key = touches.touch_key
left join {{ ref('int_conversions__peopled') }} as peopled
    on attribution.conversion_key = peopled.conversion_key and touches.person_key = peopled.person_key
left join qualified on touches.person_key = qualified.person_key
where
    attribution.touch_key is not null
    and (
        peopled.person_key is null
        or touches.touched_at > attribution.converted_at
        {% if var('attribution_lookback_days') is not none %}
            or touches.touched_at < {{ dbt.dateadd('day', -var('attribution_lookback_days'), 'attribution.converted_at') }}
        {% endif %}
        or (touches.department = 'sales' and touches.touched_at >= qualified.qualified_at)
    )
