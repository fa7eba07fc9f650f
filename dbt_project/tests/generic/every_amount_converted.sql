{# Every amount has one in the reporting currency; each row is a currency and day without an exchange rate
(no day: not closed, converted at the night's business day). #}
{% test every_amount_converted(model, amount, reporting, day) %}
select
    currency,
    {{ day }} as amount_date,
    count(*) as row_count
from {{ model }}
where {{ amount }} is not null and {{ reporting }} is null
group by currency, {{ day }}
{% endtest %}
