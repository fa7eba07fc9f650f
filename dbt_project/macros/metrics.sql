{# A select of the metrics that the models' .yml files define, one row each. #}
{% macro defined_metrics() -%}
    {%- for metric in (graph.metrics if execute else {}).values() | sort(attribute='name') %}
    {%- set model = metric_model(metric) %}
    {%- set meta = metric.config.meta %}
    {%- set own_column = metric.type_params.expr if metric.type == 'simple' else metric.name %}
    select
        {{ as_text(metric.name) }} as metric,
        {{ as_text(metric.label) }} as label,
        {{ as_text(metric.description | trim) }} as description,
        {{ as_text(model.config.group) }} as department,
        {{ as_text(group_owner(model.config.group)) }} as owner,
        {{ as_text(metric_formula(metric)) }} as formula,
        {{ as_text(meta.unit) }} as unit,
        {{ as_text(model.config.meta.grain) }} as grain,
        {{ as_text(model.schema ~ '.' ~ model.name) }} as source_table,
        {{ as_text(meta.get('source_column', own_column)) }} as source_column,
        {{ metric_is_additive(metric) }} as is_additive,
        {{ as_text(metric_repeats_over(metric) | join(', ')) }} as not_additive_over
    {{- ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro as_text(value) -%}
    cast({{ dbt.string_literal(dbt.escape_single_quotes(value)) if value else 'null' }} as {{ dbt.type_string() }})
{%- endmacro %}

{% macro group_owner(name) %}
    {{ return(graph.groups['group.' ~ project_name ~ '.' ~ name].owner.name) }}
{% endmacro %}

{% macro metric_named(name) %}
    {{ return(graph.metrics['metric.' ~ project_name ~ '.' ~ name]) }}
{% endmacro %}

{# The mart whose rows give the metric; a ratio's is its numerator's. #}
{% macro metric_model(metric) %}
    {% if metric.type == 'simple' %}
        {% set name = metric.type_params.metric_aggregation_params.semantic_model %}
        {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ name]) }}
    {% endif %}
    {{ return(metric_model(metric_named((metric.type_params.numerator or metric.type_params.metrics[0]).name))) }}
{% endmacro %}

{# The metric in SQL's words over the rows of its table. #}
{% macro metric_formula(metric) %}
    {% set given = metric.type_params %}
    {% if metric.type == 'ratio' %}
        {{ return(
            metric_formula(metric_named(given.numerator.name))
            ~ ' / nullif(' ~ metric_formula(metric_named(given.denominator.name)) ~ ', 0)'
        ) }}
    {% elif metric.type == 'derived' %}
        {% set formula = namespace(text=given.expr) %}
        {% for one in given.metrics %}
            {% set formula.text = modules.re.sub('\\b' ~ one.name ~ '\\b', metric_formula(metric_named(one.name)), formula.text) %}
        {% endfor %}
        {{ return(formula.text) }}
    {% endif %}
    {% set last = given.metric_aggregation_params.non_additive_dimension %}
    {% set aggregated = given.metric_aggregation_params.agg ~ '(' ~ given.expr ~ ')' %}
    {% set formula = aggregated.replace('count_distinct(', 'count(distinct ').replace('average(', 'avg(') %}
    {% set conditions = (metric.filter.where_filters if metric.filter else []) | map(attribute='where_sql_template') | list %}
    {% if last %}
        {% do conditions.append(last.name ~ ' is the last') %}
    {% endif %}
    {% if conditions %}
        {% set told = modules.re.sub("\\{\\{ *\\w*Dimension\\('\\w+__(\\w+)'[^}]*\\) *\\}\\}", '\\1', conditions | join(' and ')) %}
        {{ return(formula ~ ' filter (where ' ~ told ~ ')') }}
    {% endif %}
    {{ return(formula) }}
{% endmacro %}

{# Only what is summed over every row may be added up over days, channels and the rest. #}
{% macro metric_is_additive(metric) %}
    {% set given = metric.type_params.metric_aggregation_params %}
    {% set sums = metric.type == 'simple' and given.agg in ('sum', 'count') and not given.non_additive_dimension %}
    {{ return(metric.config.meta.get('is_additive', sums)) }}
{% endmacro %}

{# The columns of its table of which one value must be chosen, but those of which the metric itself chooses one. #}
{% macro metric_repeats_over(metric) %}
    {% set formula = metric_formula(metric) %}
    {% set repeating = [] %}
    {% for column in metric_model(metric).config.meta.get('not_additive_over', []) if column ~ ' = ' not in formula %}
        {% do repeating.append(column) %}
    {% endfor %}
    {{ return(repeating) }}
{% endmacro %}
