with

days as (

    {% for platform in var('ad_platforms') %}
        select
            '{{ platform }}' as platform,
            days.account_id,
            days.campaign_id,
            days.ad_group_id,
            days.ad_group_name,
            days.ad_id,
            days.ad_name,
            days.activity_date,
            upper(coalesce(days.currency, accounts.currency)) as currency,
            days.spend,
            days.impressions,
            days.clicks,
            days.platform_conversions
        from {{ ref('stg_' ~ platform ~ '__ad_daily') }} as days
        left join {{ ref('stg_' ~ platform ~ '__accounts') }} as accounts
            on accounts.account_id = days.account_id
        where days.activity_date <= {{ as_of_date() }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

),

keyed as (

    select
        {{ surrogate_key(['platform', 'account_id', 'campaign_id']) }} as campaign_key,
        {{ surrogate_key(['platform', 'account_id', 'ad_group_id']) }} as ad_group_key,
        {{ surrogate_key(['platform', 'account_id', 'ad_group_id', 'ad_id']) }} as ad_key,
        *
    from days

)

select * from keyed
