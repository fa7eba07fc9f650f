with

credits as (

    select period_start, channel, attribution_model, coalesce(conversion_value, 0) as attributed_value
    from {{ ref('rpt_attribution_channels') }}
    where conversion_type = 'won_deal'

),

places as (

    select distinct period_start, channel from credits

),

-- A model that gives a channel nothing disagrees with one that gives it something.
judged as (

    select
        places.period_start,
        places.channel,
        models.attribution_model,
        coalesce(credits.attributed_value, 0) as attributed_value
    from places
    cross join {{ ref('attribution_models') }} as models
    left join credits
        on
            places.period_start is not distinct from credits.period_start
            and places.channel = credits.channel
            and models.attribution_model = credits.attribution_model

),

ranked as (

    select
        *,
        row_number() over (
            partition by period_start, channel order by attributed_value, attribution_model
        ) as place_from_below,
        row_number() over (
            partition by period_start, channel order by attributed_value desc, attribution_model
        ) as place_from_above
    from judged

),

compared as (

    select
        period_start,
        channel,
        max(case when place_from_below = 1 then attribution_model end) as lowest_model,
        min(attributed_value) as lowest_value,
        max(case when place_from_above = 1 then attribution_model end) as highest_model,
        max(attributed_value) as highest_value,
        max(attributed_value) - min(attributed_value) as spread,
        sum(
            case when attribution_model = '{{ var("default_attribution_model") }}' then attributed_value end
        ) as default_value
    from ranked
    group by period_start, channel

)

select
    {{ surrogate_key(['period_start', 'channel']) }} as attribution_disagreement_key,
    period_start,
    channel,
    lowest_model,
    cast(lowest_value as decimal(18, 2)) as lowest_value,
    highest_model,
    cast(highest_value as decimal(18, 2)) as highest_value,
    cast(default_value as decimal(18, 2)) as default_value,
    cast(spread as decimal(18, 2)) as spread,
    cast(row_number() over (partition by period_start order by spread desc, channel) as integer) as spread_rank
from compared
