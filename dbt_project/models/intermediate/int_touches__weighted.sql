-- The weight of every touch of a path by attribution model: one CTE a model, which gives shares of any size; at the end
-- they are brought to sum to exactly 1.
with

paths as (

    select * from {{ ref('int_touches__pathed') }}

),

first_touch as (

    select *, 'first_touch' as attribution_model, cast(1 as decimal(38, 18)) as share
    from paths
    where position = 1

),

last_touch as (

    select *, 'last_touch' as attribution_model, cast(1 as decimal(38, 18)) as share
    from paths
    where position = touches

),

last_non_direct as (

    select *, 'last_non_direct' as attribution_model, cast(1 as decimal(38, 18)) as share
    from (
        select
            *,
            coalesce(
                max(case when channel <> 'direct' then position end) over (partition by conversion_key), touches
            ) as chosen_position
        from paths
    ) as chosen
    where position = chosen_position

),

linear as (

    select *, 'linear' as attribution_model, cast(1 as decimal(38, 18)) as share
    from paths

),

-- Where there is no middle, the first and the last share what there is in proportion.
position_based as (

    select
        *,
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

-- Measured from the last touch: measured from the conversion, the shares of a very old path would all round to nothing.
time_decay as (

    select
        *,
        'time_decay' as attribution_model,
        cast(
            power(
                0.5,
                {{ dbt.datediff('touched_at', 'last_touched_at', 'second') }}
                / (86400.0 * {{ var('time_decay_half_life_days') }})
            ) as decimal(38, 18)
        ) as share
    from (select *, max(touched_at) over (partition by conversion_key) as last_touched_at from paths) as aged

),

unioned as (

    select conversion_key, touch_key, channel, campaign_key, position, attribution_model, share from first_touch
    union all
    select conversion_key, touch_key, channel, campaign_key, position, attribution_model, share from last_touch
    union all
    select conversion_key, touch_key, channel, campaign_key, position, attribution_model, share from last_non_direct
    union all
    select conversion_key, touch_key, channel, campaign_key, position, attribution_model, share from linear
    union all
    select conversion_key, touch_key, channel, campaign_key, position, attribution_model, share from position_based
    union all
    select conversion_key, touch_key, channel, campaign_key, position, attribution_model, share from time_decay

),

run as (

    select
        unioned.*,
        sum(unioned.share) over (
            partition by unioned.conversion_key, unioned.attribution_model
            order by unioned.position rows between unbounded preceding and current row
        ) as running_share,
        sum(unioned.share) over (partition by unioned.conversion_key, unioned.attribution_model) as whole
    from unioned
    inner join {{ ref('attribution_models') }} as models on unioned.attribution_model = models.attribution_model
    where unioned.share > 0

),

weighted as (

    select
        conversion_key,
        attribution_model,
        touch_key,
        position,
        channel,
        campaign_key,
        {{ split_amount(1, running='running_share', previous='running_share - share', whole='whole', digits=12) }} as weight
    from run

)

select
    *,
    sum(weight) over (
        partition by conversion_key, attribution_model
        order by position rows between unbounded preceding and current row
    ) as running_weight
from weighted
