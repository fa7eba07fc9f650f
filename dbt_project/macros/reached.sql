{#
A select of all pairs that a chain of pairs links, each once: whom can one reach from whom? `pairs` names a CTE that holds
each pair both ways round, in the columns `one` and `other`.
#}
{% macro reached(pairs, one, other) -%}
    {{ return(adapter.dispatch('reached')(pairs, one, other)) }}
{%- endmacro %}

{# `union` drops what was reached before, so the search ends whatever circles the pairs form. #}
{% macro duckdb__reached(pairs, one, other) -%}
    with recursive chains as (
        select {{ one }}, {{ other }} from {{ pairs }}
        union
        select chains.{{ one }}, pairs.{{ other }}
        from chains
        inner join {{ pairs }} as pairs on chains.{{ other }} = pairs.{{ one }}
    )

    select * from chains
{%- endmacro %}

{# Spark's recursion knows no `union` without `all`: eight doublings follow chains of up to 256 pairs. #}
{% macro spark__reached(pairs, one, other) -%}
    with chains_0 as (select {{ one }}, {{ other }} from {{ pairs }})
    {%- for step in range(8) %},
    chains_{{ step + 1 }} as (
        select {{ one }}, {{ other }} from chains_{{ step }}
        union
        select begun.{{ one }}, ended.{{ other }}
        from chains_{{ step }} as begun
        inner join chains_{{ step }} as ended on begun.{{ other }} = ended.{{ one }}
    )
    {%- endfor %}

    select * from chains_8
{%- endmacro %}
