with

credits as (

    select
        conversion_type,
        attribution_model,
        channel,
        cast({{ dbt.date_trunc('month', business_date('converted_at')) }} as date) as period_start,
        weight,
        attributed_value
    from {{ ref('fct_attribution') }}

),

months as (

    select
        conversion_type,
        attribution_model,
        channel,
        period_start,
        sum(weight) as conversions,
        sum(attributed_value) as conversion_value
    from credits
    group by conversion_type, attribution_model, channel, period_start

),

effects as (

    select
        conversion_type,
        'markov' as attribution_model,
        channel,
        cast(removal_effect as decimal(38, 12)) as removal_effect
    from {{ ref('int_channels__removed') }}
    where removal_effect > 0

),

all_time as (

    select
        months.conversion_type,
        months.attribution_model,
        months.channel,
        sum(months.conversions) as conversions,
        sum(months.conversion_value) as conversion_value,
        max(effects.removal_effect) as removal_effect
    from months
    left join effects
        on
            months.conversion_type = effects.conversion_type
            and months.attribution_model = effects.attribution_model
            and months.channel = effects.channel
    group by months.conversion_type, months.attribution_model, months.channel

),

-- What touches brought in all, and each channel's share of it by the effect of its removal.
told_by_effect as (

    select
        *,
        cast(sum(conversions) over (partition by conversion_type, attribution_model) as double) as attributed,
        sum(conversion_value) over (partition by conversion_type, attribution_model) as attributed_value,
        sum(removal_effect) over (
            partition by conversion_type, attribution_model
            order by channel rows between unbounded preceding and current row
        ) as running_effect,
        sum(removal_effect) over (partition by conversion_type, attribution_model) as effects
    from all_time
    where removal_effect is not null

),

periods as (

    select
        conversion_type,
        attribution_model,
        channel,
        period_start,
        conversions,
        conversion_value,
        cast(null as double) as removal_effect
    from months
    union all
    select
        conversion_type,
        attribution_model,
        channel,
        cast(null as date),
        conversions,
        conversion_value,
        cast(null as double)
    from all_time
    where removal_effect is null
    union all
    select
        conversion_type,
        attribution_model,
        channel,
        cast(null as date),
        {{ split_amount('attributed', running='running_effect / effects', previous='(running_effect - removal_effect) / effects', digits=12) }},
        {{ split_amount('attributed_value', running='running_effect / effects', previous='(running_effect - removal_effect) / effects') }},
        cast(removal_effect as double)
    from told_by_effect

)

select
    conversion_type,
    attribution_model,
    channel,
    period_start,
    cast(conversions as decimal(38, 12)) as conversions,
    cast(conversion_value as decimal(18, 2)) as conversion_value,
    removal_effect
from periods
