{#
The last business day the night reports on. Read from the environment at run time only, so that a new day does not make
dbt parse the whole project again.
#}
{% macro as_of_date() -%}
    cast('{{ env_var("AS_OF") if execute else "1970-01-01" }}' as date)
{%- endmacro %}

{# The first moment after the last business day, in UTC: rows whose own time is at or after it are not known yet. #}
{% macro as_of_end() -%}
    {{ business_day_start(as_of_date() ~ ' + 1') }}
{%- endmacro %}

{# The first day of the calendar. #}
{% macro calendar_start_date() -%}
    cast('{{ var("calendar_start_date") }}' as date)
{%- endmacro %}

{# The first moment of the calendar, in UTC: no day and no month tells what is dated before it. #}
{% macro calendar_start() -%}
    {{ business_day_start("'" ~ var('calendar_start_date') ~ "'") }}
{%- endmacro %}
