{# What dbt.safe_cast is on DuckDB: dbt's own default is a plain cast there, which stops the build at a text it cannot read. #}
{% macro duckdb__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}
