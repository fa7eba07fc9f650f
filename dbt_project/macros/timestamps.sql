{# A UTC timestamp from milliseconds since 1970, as text or number; null where it is none. #}
{% macro timestamp_of_milliseconds(milliseconds) -%}
    {{ return(adapter.dispatch('timestamp_of_milliseconds')(milliseconds)) }}
{%- endmacro %}

{% macro duckdb__timestamp_of_milliseconds(milliseconds) -%}
    epoch_ms(try_cast({{ milliseconds }} as bigint))
{%- endmacro %}

{% macro spark__timestamp_of_milliseconds(milliseconds) -%}
    timestamp_millis(try_cast({{ milliseconds }} as bigint))
{%- endmacro %}

{# The moment that a CRM property holds, in milliseconds or ISO; the moment it was set where it can be read as neither. #}
{% macro moment_of(property, changed_at) -%}
    case
        when {{ property }} <> ''
            then coalesce(
                {{ timestamp_of_milliseconds(property) }},
                {{ dbt.safe_cast("replace(replace(" ~ property ~ ", 'Z', ''), 'T', ' ')", 'timestamp') }},
                {{ changed_at }}
            )
    end
{%- endmacro %}
