{# A key made of the given expressions: null parts count, order counts. #}
{% macro surrogate_key(expressions) -%}
    md5(
        {%- for expression in expressions %}
        coalesce(cast({{ expression }} as {{ dbt.type_string() }}), '~') {%- if not loop.last %} || '|' ||{% endif %}
        {%- endfor %}
    )
{%- endmacro %}

{#
The key of a source's record. An id that may be an address itself (some files name people by it) is salted first;
`salt` is the column of stg_identity__salts.
#}
{% macro record_key(source, id, salt) -%}
    case
        when {{ id }} like '%@%' then {{ surrogate_key([source, salted_hash(id, salt)]) }}
        else {{ surrogate_key([source, id]) }}
    end
{%- endmacro %}

{# A hash that nobody can guess the text of without the secret salt of raw. #}
{% macro salted_hash(text, salt) -%}
    {{ return(adapter.dispatch('salted_hash')(text, salt)) }}
{%- endmacro %}

{% macro duckdb__salted_hash(text, salt) -%}
    sha256({{ salt }} || '|' || {{ text }})
{%- endmacro %}

{% macro spark__salted_hash(text, salt) -%}
    sha2({{ salt }} || '|' || {{ text }}, 256)
{%- endmacro %}
