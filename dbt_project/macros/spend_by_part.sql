{#
A model of ad spend by the parts of a whole and day, with a row for what the whole costs beyond its parts: all sum to the
whole to the cent, in both currencies and at constant rates. A row is of the last of `parts`; those before it are the
whole's own.

    days   a row per part and day, with <part>_key, <part>_id and <part>_name of each of `parts`
    whole  a row per whole and day, with the same of the parts before the last
#}
{% macro spend_by_part(parts, days, whole) -%}
{%- set part, wholes, keys = parts[-1], parts[:-1], [] -%}
{%- for name in parts %}{% do keys.append('run.' ~ name ~ '_key') %}{% endfor -%}
with

told as (

    select
        campaign_key,
        activity_date,
        platform,
        account_id,
        currency,
        {%- for name in parts %}
        {{ name }}_key,
        {{ name }}_id,
        max_by({{ name }}_name, activity_date) over (partition by {{ part }}_key) as {{ name }}_name,
        {%- endfor %}
        coalesce(spend, 0) as spend,
        coalesce(impressions, 0) as impressions,
        coalesce(clicks, 0) as clicks,
        coalesce(platform_conversions, 0) as platform_conversions
    from {{ days }}

),

-- What the whole tells and its parts do not.
compared as (

    {%- for relation, sign in [(whole, 1), ('told', -1)] %}
    select
        campaign_key,
        activity_date,
        platform,
        account_id,
        currency,
        {%- for name in wholes %}
        {{ name }}_key,
        {{ name }}_id,
        {{ name }}_name,
        {%- endfor %}
        {{ sign }} * coalesce(spend, 0) as spend,
        {{ sign }} * coalesce(impressions, 0) as impressions,
        {{ sign }} * coalesce(clicks, 0) as clicks,
        {{ sign }} * coalesce(platform_conversions, 0) as platform_conversions
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

differences as (

    select
        campaign_key,
        activity_date,
        platform,
        account_id,
        currency,
        {%- for name in wholes %}
        {{ name }}_key,
        max({{ name }}_id) as {{ name }}_id,
        max({{ name }}_name) as {{ name }}_name,
        {%- endfor %}
        cast(null as {{ dbt.type_string() }}) as {{ part }}_key,
        cast(null as {{ dbt.type_string() }}) as {{ part }}_id,
        cast(null as {{ dbt.type_string() }}) as {{ part }}_name,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(platform_conversions) as platform_conversions
    from compared
    group by
        campaign_key, activity_date, platform, account_id, currency
        {%- for name in wholes %}, {{ name }}_key{% endfor %}
    having
        sum(spend) <> 0
        or sum(impressions) <> 0
        or sum(clicks) <> 0
        or sum(platform_conversions) <> 0

),

unioned as (

    select * from told
    union all
    select * from differences

),

-- Converted, too, the parts sum to the campaign's day: each is its running sum less the one before. The parts of a part
-- follow its own order, so that they sum to its row.
run as (

    select
        *,
        sum(spend) over (
            partition by campaign_key, activity_date
            order by {% for name in parts %}{{ name }}_key nulls last{{ ', ' if not loop.last }}{% endfor %}
            rows between unbounded preceding and current row
        ) as running_spend
    from unioned

)

select
    {{ surrogate_key(['run.campaign_key'] + keys + ['run.activity_date']) }} as spend_{{ part }}_key,
    run.activity_date,
    run.platform,
    run.account_id,
    run.campaign_key,
    {%- for name in parts %}
    run.{{ name }}_key,
    run.{{ name }}_id,
    run.{{ name }}_name,
    {%- endfor %}
    run.{{ part }}_key is null as is_difference,
    campaigns.channel,
    cast(run.spend as decimal(18, 2)) as spend,
    run.currency,
    {%- for column, rates in [('spend_reporting', 'fx_rates'), ('spend_constant_currency', 'constant_rates')] %}
    cast(
        {{ in_reporting_currency('run.running_spend', rates ~ '.fx_rate') }}
        - {{ in_reporting_currency('(run.running_spend - run.spend)', rates ~ '.fx_rate') }} as decimal(18, 2)
    ) as {{ column }},
    {%- endfor %}
    fx_rates.fx_rate,
    constant_rates.fx_rate as constant_fx_rate,
    cast(run.impressions as bigint) as impressions,
    cast(run.clicks as bigint) as clicks,
    cast(run.platform_conversions as decimal(18, 2)) as platform_conversions
from run
left join {{ ref('int_campaigns__unioned') }} as campaigns
    on campaigns.campaign_key = run.campaign_key
left join {{ ref('int_fx_rates__daily') }} as fx_rates
    on
        fx_rates.currency = run.currency
        and fx_rates.rate_date = run.activity_date
left join {{ ref('int_fx_rates__daily') }} as constant_rates
    on
        constant_rates.currency = run.currency
        and constant_rates.rate_date = {{ constant_currency_date() }}
{%- endmacro %}
