{# Business days follow the var business_time_zone; timestamps are UTC without a zone. #}

{# The business day on which a UTC timestamp falls. #}
{% macro business_date(timestamp_utc) -%}
    {{ return(adapter.dispatch('business_date')(timestamp_utc)) }}
{%- endmacro %}

{% macro duckdb__business_date(timestamp_utc) -%}
    cast(({{ timestamp_utc }} at time zone 'UTC') at time zone '{{ var("business_time_zone") }}' as date)
{%- endmacro %}

{% macro spark__business_date(timestamp_utc) -%}
    cast(from_utc_timestamp({{ timestamp_utc }}, '{{ var("business_time_zone") }}') as date)
{%- endmacro %}

{# The UTC timestamp at which a business day begins. #}
{% macro business_day_start(day) -%}
    {{ return(adapter.dispatch('business_day_start')(day)) }}
{%- endmacro %}

{% macro duckdb__business_day_start(day) -%}
    (cast({{ day }} as timestamp) at time zone '{{ var("business_time_zone") }}') at time zone 'UTC'
{%- endmacro %}

{% macro spark__business_day_start(day) -%}
    to_utc_timestamp(cast({{ day }} as timestamp), '{{ var("business_time_zone") }}')
{%- endmacro %}
