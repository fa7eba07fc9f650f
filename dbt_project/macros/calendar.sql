{# Calendar arithmetic on which the engines differ. #}

{# A select of one row per day, `date_day`, from the first day to the last, both included. #}
{% macro day_spine(first_day, last_day) -%}
    {{ return(adapter.dispatch('day_spine')(first_day, last_day)) }}
{%- endmacro %}

{% macro duckdb__day_spine(first_day, last_day) -%}
    select cast(range as date) as date_day
    from range(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp) + interval 1 day, interval 1 day)
{%- endmacro %}

{% macro spark__day_spine(first_day, last_day) -%}
    select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as date_day
{%- endmacro %}

{# The day of the week, 1 (Monday) to 7 (Sunday). #}
{% macro day_of_week(day) -%}
    {{ return(adapter.dispatch('day_of_week')(day)) }}
{%- endmacro %}

{% macro duckdb__day_of_week(day) -%}
    cast(isodow({{ day }}) as integer)
{%- endmacro %}

{% macro spark__day_of_week(day) -%}
    cast(weekday({{ day }}) + 1 as integer)
{%- endmacro %}
