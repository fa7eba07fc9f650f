{# The UTC timestamp of a local one; the zone may be a column. #}
{% macro utc_from_local(local_timestamp, time_zone) -%}
    {{ return(adapter.dispatch('utc_from_local')(local_timestamp, time_zone)) }}
{%- endmacro %}

{% macro duckdb__utc_from_local(local_timestamp, time_zone) -%}
    ({{ local_timestamp }} at time zone {{ time_zone }}) at time zone 'UTC'
{%- endmacro %}

{% macro spark__utc_from_local(local_timestamp, time_zone) -%}
    to_utc_timestamp({{ local_timestamp }}, {{ time_zone }})
{%- endmacro %}

{#
The business seconds of a calendar up to a moment; the difference of two moments is the business time between them.
`hours` is a row of int_business_hours__counted: the last day that opened at or before the moment.
#}
{% macro business_seconds(hours, moment) -%}
    {{ hours }}.seconds_before + least(
        {{ dbt.datediff(hours ~ '.opens_at', moment, 'second') }},
        {{ hours }}.seconds
    )
{%- endmacro %}

{# The condition that joins a moment to the row of int_business_hours__counted that business_seconds() needs. #}
{% macro opened_before(hours, moment) -%}
    {{ hours }}.opens_at <= {{ moment }}
    and {{ hours }}.next_opens_at > {{ moment }}
{%- endmacro %}
