{#
The ratios of a performance report, from its own columns. Never summed: sum both sides, then divide. Empty where there is
nothing to divide by, and cost ratios also where some of the spend could not be converted (they would look too good), the return
also where some of the revenue could not (it would look too bad).
#}
{% macro performance_ratios() -%}
    cast(clicks / nullif(impressions, 0) as double) as click_through_rate,
    {{ cost_per('clicks') }} as cost_per_click,
    {{ cost_per('leads') }} as cost_per_lead,
    {{ cost_per('qualified_leads') }} as cost_per_qualified_lead,
    {{ cost_per('opportunities') }} as cost_per_opportunity,
    {{ cost_per('customers') }} as customer_acquisition_cost,
    cast(
        case
            when unconverted_spend_rows = 0 and unconverted_credits = 0 then attributed_revenue / nullif(spend_reporting, 0)
        end as double
    ) as return_on_ad_spend,
    cast(platform_conversions / nullif(leads, 0) as double) as platform_over_claim
{%- endmacro %}

{% macro cost_per(count) -%}
    case when unconverted_spend_rows = 0 then {{ money_per('spend_reporting', count) }} end
{%- endmacro %}
