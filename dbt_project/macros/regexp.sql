{# Whether a regular expression occurs in a text. #}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    ({{ text }} rlike {{ pattern }})
{%- endmacro %}

{# The site an address points to, without `www.`; empty where there is none. #}
{% macro host_of(url) -%}
    {{ return(adapter.dispatch('host_of')(url)) }}
{%- endmacro %}

{% macro duckdb__host_of(url) -%}
    regexp_extract(lower({{ url }}), '^https?://(www\.)?([^/:?#]+)', 2)
{%- endmacro %}

{% macro spark__host_of(url) -%}
    regexp_extract(lower({{ url }}), '^https?://(www\\.)?([^/:?#]+)', 2)
{%- endmacro %}
