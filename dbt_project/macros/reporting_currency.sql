{#
Money in the reporting currency. The join that finds the rate, once for each row of money:

    left join {{ ref('int_fx_rates__daily') }} as fx_rates
        on fx_rates.currency = deals.currency
        and fx_rates.rate_date = {{ business_date('deals.closed_at') }}
    ... {{ in_reporting_currency('deals.amount', 'fx_rates.fx_rate') }} as amount_reporting

Without a rate the amount is null: never taken as if converted.
#}
{% macro in_reporting_currency(amount, fx_rate) -%}
    cast(round({{ amount }} * {{ fx_rate }}, 2) as decimal(18, 2))
{%- endmacro %}
