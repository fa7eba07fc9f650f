-- What is not attributed is the same under every model: as many conversions, and the same money, as the rate tells.
with

unattributed as (

    select
        cast({{ dbt.date_trunc('month', business_date('converted_at')) }} as date) as month_start_date,
        conversion_type,
        attribution_model,
        sum(weight) as conversions,
        sum(attributed_value) as conversion_value
    from {{ ref('fct_attribution') }}
    where touch_key is null
    group by 1, conversion_type, attribution_model

)

select rates.month_start_date, rates.conversion_type, models.attribution_model
from {{ ref('rpt_attribution_rate') }} as rates
cross join {{ ref('attribution_models') }} as models
left join unattributed
    on
        rates.month_start_date = unattributed.month_start_date
        and rates.conversion_type = unattributed.conversion_type
        and models.attribution_model = unattributed.attribution_model
where
    rates.unattributed <> coalesce(unattributed.conversions, 0)
    or coalesce(rates.unattributed_value, 0) <> coalesce(unattributed.conversion_value, 0)
