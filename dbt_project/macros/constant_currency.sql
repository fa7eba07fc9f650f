{# The day whose exchange rates stand for all days: the var, else the first day of the business day's fiscal year. #}
{% macro constant_currency_date() -%}
    {%- set first_month = var('fiscal_year_start_month') -%}
    {%- if var('constant_currency_date') -%}
        cast('{{ var("constant_currency_date") }}' as date)
    {%- else -%}
        cast({{ dbt.dateadd(
            'month', first_month - 1, dbt.date_trunc('year', dbt.dateadd('month', 1 - first_month, as_of_date()))
        ) }} as date)
    {%- endif -%}
{%- endmacro %}
