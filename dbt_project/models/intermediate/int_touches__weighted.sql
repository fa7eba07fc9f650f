-- The weight of every touch of a path by attribution model: one CTE a model, named in the list below, which gives shares of
-- any size; at the end they are brought to sum to exactly 1.
{{ config(materialized='view') }}

{% set models = [
    'first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'w_shaped', 'time_decay', 'markov',
    'shapley'
] %}

with

paths as (

    select * from {{ ref('int_touches__pathed') }}

),

first_touch as (

    select conversion_key, position, 'first_touch' as attribution_model, cast(1 as decimal(38, 18)) as share
    from paths
    where position = 1

),

last_touch as (

    select conversion_key, position, 'last_touch' as attribution_model, cast(1 as decimal(38, 18)) as share
    from paths
    where position = touches

),

last_non_direct as (

    select
        conversion_key,
        coalesce(max(case when channel <> 'direct' then position end), max(position)) as position,
        'last_non_direct' as attribution_model,
        cast(1 as decimal(38, 18)) as share
    from paths
    group by conversion_key

),

linear as (

    select conversion_key, position, 'linear' as attribution_model, cast(1 as decimal(38, 18)) as share
    from paths

),

-- Where there is no middle, the first and the last share what there is in proportion.
position_based as (

    select
        conversion_key,
        position,
        'position_based' as attribution_model,
        cast(
            case
                when position = 1 then {{ var('position_based_first_share') }}
                when position = touches then {{ var('position_based_last_share') }}
                else
                    (1 - {{ var('position_based_first_share') }} - {{ var('position_based_last_share') }})
                    / nullif(touches - 2, 0)
            end as decimal(38, 18)
        ) as share
    from paths

),

-- A touch with two roles takes both shares; a role without a touch leaves its share to the others in proportion.
w_shaped as (

    select
        conversion_key,
        position,
        'w_shaped' as attribution_model,
        cast(
            case
                when position in (1, lead_position, opportunity_position)
                    then
                        case when position = 1 then {{ var('w_shaped_first_share') }} else 0 end
                        + case when position = lead_position then {{ var('w_shaped_lead_share') }} else 0 end
                        + case
                            when position = opportunity_position then {{ var('w_shaped_opportunity_share') }} else 0
                        end
                else
                    (
                        1 - {{ var('w_shaped_first_share') }} - {{ var('w_shaped_lead_share') }}
                        - {{ var('w_shaped_opportunity_share') }}
                    )
                    / nullif(
                        touches
                        - 1
                        - case when lead_position > 1 then 1 else 0 end
                        - case when opportunity_position > coalesce(lead_position, 1) then 1 else 0 end,
                        0
                    )
            end as decimal(38, 18)
        ) as share
    from paths

),

-- Measured from the last touch: measured from the conversion, the shares of a very old path would all round to nothing.
time_decay as (

    select
        paths.conversion_key,
        paths.position,
        'time_decay' as attribution_model,
        cast(
            power(
                0.5,
                {{ dbt.datediff('paths.touched_at', 'last_touches.touched_at', 'second') }}
                / (86400.0 * {{ var('time_decay_half_life_days') }})
            ) as decimal(38, 18)
        ) as share
    from paths
    inner join paths as last_touches
        on paths.conversion_key = last_touches.conversion_key and last_touches.position = last_touches.touches

),

-- A channel of a path that converted has an effect above 0, however far it is rounded down.
markov as (

    select
        paths.conversion_key,
        paths.position,
        'markov' as attribution_model,
        cast(greatest(removed.removal_effect, 0.000000000001) as decimal(38, 18)) as share
    from paths
    inner join {{ ref('int_channels__removed') }} as removed
        on paths.conversion_type = removed.conversion_type and paths.channel = removed.channel

),

-- The Shapley value of a path's channels is the same for all of them.
shapley as (

    select
        conversion_key,
        position,
        'shapley' as attribution_model,
        cast(1.0 / count(*) over (partition by conversion_key, channel) as decimal(38, 18)) as share
    from paths

),

unioned as (

    {% for model in models %}
        select * from {{ model }}
        {% if not loop.last %} union all {% endif %}
    {% endfor %}

),

-- A path whose touches all get 0, as the configured shares may have it, is shared equally.
shared as (

    select
        unioned.conversion_key,
        unioned.position,
        unioned.attribution_model,
        case
            when
                max(abs(unioned.share)) over (partition by unioned.conversion_key, unioned.attribution_model) = 0
                then cast(1 as decimal(38, 18))
            else unioned.share
        end as share
    from unioned
    inner join {{ ref('attribution_models') }} as models on unioned.attribution_model = models.attribution_model

),

run as (

    select
        *,
        sum(share) over (
            partition by conversion_key, attribution_model
            order by position rows between unbounded preceding and current row
        ) as running_share,
        sum(share) over (
            partition by conversion_key, attribution_model
            order by position rows between unbounded preceding and unbounded following
        ) as whole
    from shared
    where share <> 0

),

weighted as (

    select
        conversion_key,
        attribution_model,
        position,
        {{ split_amount(1, running='running_share', previous='running_share - share', whole='whole', digits=12) }} as weight,
        {{ split_amount(1, running='running_share', previous='0', whole='whole', digits=12) }} as running_weight
    from run

)

select
    weighted.conversion_key,
    weighted.attribution_model,
    paths.touch_key,
    weighted.position,
    paths.channel,
    paths.campaign_key,
    weighted.weight,
    weighted.running_weight
from weighted
inner join paths on weighted.conversion_key = paths.conversion_key and weighted.position = paths.position
