{# No row has this value: a marker such as `unmapped` that somebody should look at. #}
{% test not_accepted_value(model, column_name, value) %}
select *
from {{ model }}
where {{ column_name }} = '{{ value }}'
{% endtest %}
