with

conversions as (

    select * from {{ ref('int_conversions__derived') }}

),

weights as (

    select * from {{ ref('int_touches__weighted') }}

),

-- Every conversion under every model: without a touch it is unattributed, never missing.
credited as (

    select
        conversions.conversion_key,
        conversions.conversion_type,
        conversions.person_key,
        conversions.deal_key,
        conversions.converted_at,
        conversions.conversion_value,
        models.attribution_model,
        weights.touch_key,
        coalesce(weights.channel, 'unattributed') as channel,
        weights.campaign_key,
        coalesce(weights.weight, 1) as weight,
        coalesce(weights.running_weight, 1) as running_weight
    from conversions
    cross join {{ ref('attribution_models') }} as models
    left join weights
        on
            conversions.conversion_key = weights.conversion_key
            and models.attribution_model = weights.attribution_model

)

select
    {{ surrogate_key(['conversion_key', 'attribution_model', 'touch_key']) }} as attribution_key,
    conversion_key,
    conversion_type,
    person_key,
    deal_key,
    converted_at,
    attribution_model,
    touch_key,
    channel,
    campaign_key,
    cast(weight as decimal(38, 12)) as weight,
    conversion_value,
    cast(
        {{ split_amount(
            'conversion_value', running='cast(running_weight as double)', previous='cast(running_weight - weight as double)'
        ) }} as decimal(18, 2)
    ) as attributed_value
from credited
