{#
The last value that is not null, up to and including this row's moment: what was known then.

    known_at('email', partition_by='contact_id', at='changed_at')
#}
{% macro known_at(value, partition_by, at) -%}
    {{ return(adapter.dispatch('known_at')(value, partition_by, at)) }}
{%- endmacro %}

{% macro duckdb__known_at(value, partition_by, at) -%}
    last_value({{ value }} ignore nulls) over (
        partition by {{ partition_by }} order by {{ at }} range between unbounded preceding and current row
    )
{%- endmacro %}

{% macro spark__known_at(value, partition_by, at) -%}
    last_value({{ value }}) ignore nulls over (
        partition by {{ partition_by }} order by {{ at }} range between unbounded preceding and current row
    )
{%- endmacro %}
