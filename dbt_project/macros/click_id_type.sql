{# The kind of click id that an address carries, such as gclid; null if it carries none. #}
{% macro click_id_type(url) -%}
    case
    {%- for kind in ['gclid', 'gbraid', 'wbraid', 'dclid', 'msclkid', 'fbclid', 'li_fat_id', 'ttclid', 'twclid'] %}
        when {{ url }} like '%{{ kind }}=%' then '{{ kind }}'
    {%- endfor %}
    end
{%- endmacro %}
