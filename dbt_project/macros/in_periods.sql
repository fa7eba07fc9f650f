{#
A select of the rows of `facts`, a relation with activity_date, once in the week, once in the month and once in the quarter
of their day: `period`, period_start_date, period_end_date, is_complete and the row.
#}
{% macro in_periods(facts) -%}
    {% for period, length in [('week', 7), ('month', 1), ('quarter', 3)] %}
        {%- set unit = 'day' if period == 'week' else 'month' %}
        {%- set last_day = dbt.dateadd('day', -1, dbt.dateadd(unit, length, 'dates.' ~ period ~ '_start_date')) %}
        select
            '{{ period }}' as period,
            dates.{{ period }}_start_date as period_start_date,
            cast({{ last_day }} as date) as period_end_date,
            cast({{ last_day }} as date) <= {{ as_of_date() }} as is_complete,
            facts.*
        from {{ facts }} as facts
        inner join {{ ref('dim_dates') }} as dates
            on dates.date_day = facts.activity_date
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{%- endmacro %}
