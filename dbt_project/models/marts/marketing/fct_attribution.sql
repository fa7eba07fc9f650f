with

conversions as (

    select * from {{ ref('int_conversions__derived') }}

),

weights as (

    select * from {{ ref('int_touches__weighted') }}

),

attributed as (

    select
        conversions.*,
        weights.attribution_model,
        weights.touch_key,
        weights.channel,
        weights.campaign_key,
        weights.weight,
        weights.running_weight
    from weights
    inner join conversions on weights.conversion_key = conversions.conversion_key

),

-- A conversion that no touch led to, under every model: it is unattributed, never missing.
unattributed as (

    select
        conversions.*,
        models.attribution_model,
        cast(null as {{ dbt.type_string() }}) as touch_key,
        'unattributed' as channel,
        cast(null as {{ dbt.type_string() }}) as campaign_key,
        1 as weight,
        1 as running_weight
    from conversions
    left join {{ ref('int_touches__pathed') }} as paths
        on conversions.conversion_key = paths.conversion_key and paths.position = 1
    cross join {{ ref('attribution_models') }} as models
    where paths.conversion_key is null

),

credited as (

    select * from attributed
    union all
    select * from unattributed

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
