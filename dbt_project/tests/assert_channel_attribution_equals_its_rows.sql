-- The report by channel tells the same totals as the rows it sums, by month and for all time.
with

rows_summed as (

    select attribution_model, conversion_type, sum(weight) as conversions, sum(attributed_value) as conversion_value
    from {{ ref('fct_attribution') }}
    group by attribution_model, conversion_type

),

reported as (

    select
        attribution_model,
        conversion_type,
        period_start is null as is_all_time,
        sum(conversions) as conversions,
        sum(conversion_value) as conversion_value
    from {{ ref('rpt_attribution_channels') }}
    group by attribution_model, conversion_type, period_start is null

)

select rows_summed.*, reported.is_all_time
from rows_summed
left join reported
    on
        rows_summed.attribution_model = reported.attribution_model
        and rows_summed.conversion_type = reported.conversion_type
where
    rows_summed.conversions is distinct from reported.conversions
    or rows_summed.conversion_value is distinct from reported.conversion_value
