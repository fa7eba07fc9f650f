{# A UTC timestamp from milliseconds since 1970, as text or number; null where it is none. #}
{% macro timestamp_of_milliseconds(milliseconds) -%}
    {{ return(adapter.dispatch('timestamp_of_milliseconds')(milliseconds)) }}
{%- endmacro %}

{% macro duckdb__timestamp_of_milliseconds(milliseconds) -%}
    try(epoch_ms(try_cast({{ milliseconds }} as bigint)))
{%- endmacro %}

{% macro spark__timestamp_of_milliseconds(milliseconds) -%}
    timestamp_millis(try_cast({{ milliseconds }} as bigint))
{%- endmacro %}

{# HubSpot's text for a moment, as UTC timestamp: milliseconds since 1970 or ISO 8601; null where it is neither. #}
{% macro hubspot_timestamp(text) -%}
    coalesce(
        {{ timestamp_of_milliseconds(text) }},
        {{ dbt.safe_cast("replace(replace(" ~ text ~ ", 'Z', ''), 'T', ' ')", 'timestamp') }}
    )
{%- endmacro %}

{# The moment that a CRM property holds; the moment it was set where it can be read as none, null where it is empty. #}
{% macro moment_of(property, changed_at) -%}
    case when {{ property }} <> '' then coalesce({{ hubspot_timestamp(property) }}, {{ changed_at }}) end
{%- endmacro %}
