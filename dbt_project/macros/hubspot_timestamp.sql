{# HubSpot's text for a moment, as UTC timestamp: epoch milliseconds or ISO 8601; null where it is empty. #}
{% macro hubspot_timestamp(text) -%}
    {{ return(adapter.dispatch('hubspot_timestamp')(text)) }}
{%- endmacro %}

{% macro duckdb__hubspot_timestamp(text) -%}
    case
        when regexp_full_match({{ text }}, '-?[0-9]+') then epoch_ms(cast({{ text }} as bigint))
        else cast(nullif({{ text }}, '') as timestamp)
    end
{%- endmacro %}

{% macro spark__hubspot_timestamp(text) -%}
    case
        when {{ text }} rlike '^-?[0-9]+$' then timestamp_millis(cast({{ text }} as bigint))
        else cast(nullif({{ text }}, '') as timestamp)
    end
{%- endmacro %}
