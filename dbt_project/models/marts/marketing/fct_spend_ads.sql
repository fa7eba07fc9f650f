with

ads as (

    select * from {{ ref('int_single_ad_days__unioned') }}

),

names as (

    select
        ad_key,
        max_by(ad_group_name, activity_date) as ad_group_name,
        max_by(ad_name, activity_date) as ad_name
    from ads
    group by ad_key

),

told as (

    select
        ads.campaign_key,
        ads.activity_date,
        ads.platform,
        ads.account_id,
        ads.currency,
        ads.ad_group_key,
        ads.ad_group_id,
        names.ad_group_name,
        ads.ad_key,
        ads.ad_id,
        names.ad_name,
        coalesce(ads.spend, 0) as spend,
        coalesce(ads.impressions, 0) as impressions,
        coalesce(ads.clicks, 0) as clicks,
        coalesce(ads.platform_conversions, 0) as platform_conversions
    from ads
    inner join names
        on names.ad_key = ads.ad_key

),

-- What the ad group, or the campaign for no ad group, tells and its ads do not.
compared as (

    select
        campaign_key,
        activity_date,
        platform,
        account_id,
        currency,
        ad_group_key,
        ad_group_id,
        ad_group_name,
        spend,
        impressions,
        clicks,
        platform_conversions
    from {{ ref('fct_spend_ad_groups') }}
    union all
    select
        campaign_key,
        activity_date,
        platform,
        account_id,
        currency,
        ad_group_key,
        ad_group_id,
        ad_group_name,
        -spend as spend,
        -impressions as impressions,
        -clicks as clicks,
        -platform_conversions as platform_conversions
    from told

),

differences as (

    select
        campaign_key,
        activity_date,
        platform,
        account_id,
        currency,
        ad_group_key,
        max(ad_group_id) as ad_group_id,
        max(ad_group_name) as ad_group_name,
        cast(null as {{ dbt.type_string() }}) as ad_key,
        cast(null as {{ dbt.type_string() }}) as ad_id,
        cast(null as {{ dbt.type_string() }}) as ad_name,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(platform_conversions) as platform_conversions
    from compared
    group by campaign_key, activity_date, platform, account_id, currency, ad_group_key
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

-- In the order of fct_spend_ad_groups, so that the ads of an ad group sum to its row in the reporting currency, too.
run as (

    select
        *,
        sum(spend) over (
            partition by campaign_key, activity_date
            order by ad_group_key nulls last, ad_key nulls last rows between unbounded preceding and current row
        ) as running_spend
    from unioned

)

select
    {{ surrogate_key(['run.campaign_key', 'run.ad_group_key', 'run.ad_key', 'run.activity_date']) }} as spend_ad_key,
    run.activity_date,
    run.platform,
    run.account_id,
    run.campaign_key,
    run.ad_group_key,
    run.ad_group_id,
    run.ad_group_name,
    run.ad_key,
    run.ad_id,
    run.ad_name,
    run.ad_key is null as is_difference,
    campaigns.channel,
    cast(run.spend as decimal(18, 2)) as spend,
    run.currency,
    cast(
        {{ in_reporting_currency('run.running_spend', 'fx_rates.fx_rate') }}
        - {{ in_reporting_currency('(run.running_spend - run.spend)', 'fx_rates.fx_rate') }} as decimal(18, 2)
    ) as spend_reporting,
    fx_rates.fx_rate,
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
