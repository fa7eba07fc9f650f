with

conversions as (

    select
        conversions.conversion_type,
        conversions.conversion_value,
        cast({{ dbt.date_trunc('month', business_date('conversions.converted_at')) }} as date) as month_start_date,
        paths.touch_key is not null as is_attributed
    from {{ ref('int_conversions__derived') }} as conversions
    left join {{ ref('int_touches__pathed') }} as paths
        on conversions.conversion_key = paths.conversion_key and paths.position = 1

),

months as (

    select
        month_start_date,
        conversion_type,
        count(*) as conversions,
        sum(case when is_attributed then 1 else 0 end) as attributed,
        sum(conversion_value) as conversion_value,
        sum(case when is_attributed then conversion_value when conversion_value is not null then 0 end) as attributed_value
    from conversions
    group by month_start_date, conversion_type

)

select
    {{ surrogate_key(['month_start_date', 'conversion_type']) }} as attribution_rate_key,
    month_start_date,
    conversion_type,
    cast(conversions as bigint) as conversions,
    cast(attributed as bigint) as attributed,
    cast(conversions - attributed as bigint) as unattributed,
    cast(attributed as double) / conversions as attribution_rate,
    cast(conversion_value as decimal(18, 2)) as conversion_value,
    cast(attributed_value as decimal(18, 2)) as attributed_value,
    cast(conversion_value - attributed_value as decimal(18, 2)) as unattributed_value,
    cast(attributed_value as double) / nullif(conversion_value, 0) as value_attribution_rate
from months
