-- The report by channel tells the same totals as the rows it sums, in every month and for all time, under every model.
with

credits as (

    select
        attribution_model,
        conversion_type,
        cast({{ dbt.date_trunc('month', business_date('converted_at')) }} as date) as period_start,
        sum(weight) as conversions,
        sum(attributed_value) as conversion_value
    from {{ ref('fct_attribution') }}
    group by attribution_model, conversion_type, 3

),

totals as (

    select * from credits
    union all
    select attribution_model, conversion_type, cast(null as date), sum(conversions), sum(conversion_value)
    from credits
    group by attribution_model, conversion_type

),

reported as (

    select
        attribution_model,
        conversion_type,
        period_start,
        sum(conversions) as conversions,
        sum(conversion_value) as conversion_value
    from {{ ref('rpt_attribution_channels') }}
    group by attribution_model, conversion_type, period_start

)

select
    coalesce(totals.attribution_model, reported.attribution_model) as attribution_model,
    coalesce(totals.conversion_type, reported.conversion_type) as conversion_type,
    coalesce(totals.period_start, reported.period_start) as period_start,
    totals.conversions,
    reported.conversions as reported_conversions
from totals
full join reported
    on
        totals.attribution_model = reported.attribution_model
        and totals.conversion_type = reported.conversion_type
        and totals.period_start is not distinct from reported.period_start
where
    totals.conversions is distinct from reported.conversions
    or totals.conversion_value is distinct from reported.conversion_value
