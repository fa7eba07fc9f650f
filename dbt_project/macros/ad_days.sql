{#
What the ad platforms tell by day, at each of their levels. `parts` are what a level tells below the campaign: none for a
campaign's day, ['ad_group'] for an ad group's, ['ad_group', 'ad'] for an ad's.
#}

{# A select of Google's report of a level, in the columns that all platforms share. #}
{% macro google_ads_days(report, parts=[]) -%}
    select
        cast(days.customer_id as {{ dbt.type_string() }}) as account_id,
        cast(days.campaign_id as {{ dbt.type_string() }}) as campaign_id,
        {%- for part in parts %}
        cast(days.{{ part }}_id as {{ dbt.type_string() }}) as {{ part }}_id,
        days.{{ part }}_name,
        {%- endfor %}
        days.segments_date as activity_date,
        cast(round(days.cost_micros * 0.000001, 2) as decimal(18, 2)) as spend,
        accounts.currency,
        days.impressions,
        days.clicks,
        -- Google tells reach only for some campaign types and never by day.
        cast(null as bigint) as reach,
        cast(days.conversions as decimal(18, 2)) as platform_conversions,
        cast(days.conversions_value as decimal(18, 2)) as platform_conversion_value
    from {{ report }} as days
    left join {{ ref('stg_google_ads__accounts') }} as accounts
        on accounts.account_id = cast(days.customer_id as {{ dbt.type_string() }})
{%- endmacro %}

{# A select of Meta's report of a level, in the columns that all platforms share; Meta calls an ad group an ad set. #}
{% macro meta_ads_days(report, parts=[]) -%}
    select
        days.account_id,
        days.campaign_id,
        {%- for part in parts %}
        {%- set told = {'ad_group': 'adset'}.get(part, part) %}
        days.{{ told }}_id as {{ part }}_id,
        days.{{ told }}_name as {{ part }}_name,
        {%- endfor %}
        days.date_start as activity_date,
        cast(days.spend as decimal(18, 2)) as spend,
        accounts.currency,
        days.impressions,
        days.clicks,
        days.reach,
        cast(days.leads + days.purchases as decimal(18, 2)) as platform_conversions,
        cast(days.purchase_value as decimal(18, 2)) as platform_conversion_value
    from {{ report }} as days
    left join {{ ref('stg_meta_ads__accounts') }} as accounts
        on accounts.account_id = days.account_id
{%- endmacro %}

{# A select of all platforms' days of a level, up to `as_of`, with the keys of the campaign and of its parts. #}
{% macro ad_days(level, parts=[]) -%}
    {%- for platform in var('ad_platforms') %}
    {%- set ids = ["'" ~ platform ~ "'", 'days.account_id'] %}
    select
        {{ surrogate_key(ids + ['days.campaign_id']) }} as campaign_key,
        {%- for part in parts %}
        {%- do ids.append('days.' ~ part ~ '_id') %}
        {{ surrogate_key(ids) }} as {{ part }}_key,
        days.{{ part }}_id,
        days.{{ part }}_name,
        {%- endfor %}
        '{{ platform }}' as platform,
        days.account_id,
        days.campaign_id,
        days.activity_date,
        upper(coalesce(days.currency, accounts.currency)) as currency,
        days.spend,
        days.impressions,
        days.clicks,
        days.reach,
        days.platform_conversions,
        days.platform_conversion_value
    from {{ ref('stg_' ~ platform ~ '__' ~ level ~ '_daily') }} as days
    left join {{ ref('stg_' ~ platform ~ '__accounts') }} as accounts
        on accounts.account_id = days.account_id
    where days.activity_date <= {{ as_of_date() }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
