{# The value below which a share of all values lies, between the two nearest where it falls between. #}
{% macro quantile(value, share) -%}
    {{ return(adapter.dispatch('quantile')(value, share)) }}
{%- endmacro %}

{% macro duckdb__quantile(value, share) -%}
    quantile_cont({{ value }}, {{ share }})
{%- endmacro %}

{% macro spark__quantile(value, share) -%}
    percentile({{ value }}, {{ share }})
{%- endmacro %}

{# The same of all rows up to and including this row's moment, in one pass: no join of each day with those before it. #}
{% macro running_quantile(value, share, partition_by, order_by) -%}
    {{ return(adapter.dispatch('running_quantile')(value, share, partition_by, order_by)) }}
{%- endmacro %}

{% macro default__running_quantile(value, share, partition_by, order_by) -%}
    {{ quantile(value, share) }} over (
        partition by {{ partition_by }} order by {{ order_by }} range between unbounded preceding and current row
    )
{%- endmacro %}
