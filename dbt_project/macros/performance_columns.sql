{#
What the performance reports count, each once. Of one fact: the measures it tells, as expressions by name, and 0 for all
others. Without a fact: the sums over many of them.

    {{ performance_columns({'leads': '1'}) }}  ->  0 as spend_reporting, ..., 1 as leads, ...
    {{ performance_columns() }}                ->  cast(sum(spend_reporting) as decimal(18, 2)) as spend_reporting, ...
#}
{% macro performance_columns(fact=none) -%}
    {%- for measure, type in [
        ('spend_reporting', 'decimal(18, 2)'),
        ('unconverted_spend_rows', 'bigint'),
        ('impressions', 'bigint'),
        ('clicks', 'bigint'),
        ('platform_conversions', 'decimal(18, 2)'),
        ('sessions', 'bigint'),
        ('engaged_sessions', 'bigint'),
        ('leads', 'bigint'),
        ('qualified_leads', 'bigint'),
        ('opportunities', 'bigint'),
        ('customers', 'bigint'),
        ('won_deals', 'bigint'),
        ('revenue', 'decimal(18, 2)'),
        ('unconverted_deals', 'bigint'),
        ('attributed_revenue', 'decimal(18, 2)'),
        ('unconverted_credits', 'bigint'),
    ] %}
        {%- if fact is none %}
        cast(sum({{ measure }}) as {{ type }}) as {{ measure }}
        {%- else %}
        {{ fact.get(measure, 0) }} as {{ measure }}
        {%- endif %}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
