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

all_time as (

    select
        conversion_type,
        attribution_model,
        channel,
        cast(null as date) as period_start,
        sum(conversions) as conversions,
        sum(conversion_value) as conversion_value
    from months
    group by conversion_type, attribution_model, channel

),

periods as (

    select * from months
    union all
    select * from all_time

)

select
    conversion_type,
    attribution_model,
    channel,
    period_start,
    cast(conversions as decimal(38, 12)) as conversions,
    cast(conversion_value as decimal(18, 2)) as conversion_value,
    -- What the conversions would lose without the channel: told by models that ask this question.
    cast(null as double) as removal_effect
from periods
