{#
One part of an amount that is split, so that the parts sum to the whole to the last digit:
round(running share) - round(previous running share), over a fixed order.

    running   the sum of the shares up to and including this part
    previous  the sum of the shares before it: running - share
    whole     the sum of all shares
    digits    of the parts, after the point: 2 for money, 0 for counts, 12 for weights

Shares are whole numbers or decimals: sums of floating numbers depend on their order. Ten euros over three days:

    split_amount('amount', running='day_number', previous='day_number - 1', whole='days')  ->  3.33  3.34  3.33
#}
{% macro split_amount(amount, running, previous, whole=1, digits=2) -%}
    {{ rounded_share(amount, running, whole, digits) }} - {{ rounded_share(amount, previous, whole, digits) }}
{%- endmacro %}

{# An average of money to the cent, half a cent away from zero: 2.01 by 2 is 1.01; empty if divided by nothing. #}
{% macro money_per(amount, count) -%}
    cast({{ rounded_share(amount, 1, count, 2) }} as decimal(18, 2))
{%- endmacro %}

{#
A quotient of decimals is floating on some engines: half a cent is made one of a decimal before it is rounded. Fifteen
digits tell every half cent of less than ten million, and keep the sum of the parts of less than 90 trillion.
#}
{% macro rounded_share(amount, share, whole, digits) -%}
    cast(
        round(cast({{ amount }} * ({{ share }}) / nullif({{ whole }}, 0) as decimal(38, {{ digits + 6 }})), {{ digits }})
        as decimal(38, {{ digits }})
    )
{%- endmacro %}
