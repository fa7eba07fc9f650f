-- Campaigns, their ad groups and their ads tell the same totals day by day; what a level does not tell is a row of its own.
{% set measures = [
    'spend', 'spend_reporting', 'spend_constant_currency', 'impressions', 'clicks', 'platform_conversions',
] %}

with

levels as (

    {% for lower, upper in [
        ('fct_spend_ad_groups', 'fct_spend'), ('fct_spend_ads', 'fct_spend'), ('fct_spend_ads', 'fct_spend_ad_groups')
    ] %}
        {% for table, sign in [(upper, 1), (lower, -1)] %}
            select
                '{{ lower }} and {{ upper }}' as levels,
                campaign_key,
                activity_date,
                {{ 'ad_group_key' if upper == 'fct_spend_ad_groups' else "cast(null as " ~ dbt.type_string() ~ ")" }} as ad_group_key,
                {% for measure in measures %}
                    {{ sign }} * {{ measure }} as {{ measure }}{% if not loop.last %},{% endif %}
                {% endfor %}
            from {{ ref(table) }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

)

select
    levels,
    campaign_key,
    ad_group_key,
    activity_date
from levels
group by levels, campaign_key, ad_group_key, activity_date
having
    {% for measure in measures %}
        coalesce(sum({{ measure }}), 0) <> 0{% if not loop.last %} or{% endif %}
    {% endfor %}
