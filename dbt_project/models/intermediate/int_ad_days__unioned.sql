with

ad_days as (

    {% for platform in var('ad_platforms') %}
        select
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
        from {{ ref('stg_' ~ platform ~ '__campaign_daily') }} as days
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
        *
    from ad_days

)

select * from keyed
