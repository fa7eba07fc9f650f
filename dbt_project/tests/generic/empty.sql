{# Every row of the model is something to look at. #}
{% test empty(model) %}
select * from {{ model }}
{% endtest %}
