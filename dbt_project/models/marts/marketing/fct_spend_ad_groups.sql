with

ad_groups as (

    select * from {{ ref('int_ad_group_days__unioned') }}

),

names as (

    select
        ad_group_key,
        max_by(ad_group_name, activity_date) as ad_group_name
    from ad_groups
    group by ad_group_key

),

told as (

    select
        ad_groups.campaign_key,
        ad_groups.activity_date,
        ad_groups.platform,
        ad_groups.account_id,
        ad_groups.currency,
        ad_groups.ad_group_key,
        ad_groups.ad_group_id,
        names.ad_group_name,
        coalesce(ad_groups.spend, 0) as spend,
        coalesce(ad_groups.impressions, 0) as impressions,
        coalesce(ad_groups.clicks, 0) as clicks,
        coalesce(ad_groups.platform_conversions, 0) as platform_conversions
    from ad_groups
    inner join names
        on names.ad_group_key = ad_groups.ad_group_key

),

-- What the campaign tells and its ad groups do not.
compared as (

    select
        campaign_key,
        activity_date,
        platform,
        account_id,
        currency,
        coalesce(spend, 0) as spend,
        coalesce(impressions, 0) as impressions,
        coalesce(clicks, 0) as clicks,
        coalesce(platform_conversions, 0) as platform_conversions
    from {{ ref('int_spend__unioned') }}
    union all
    select
        campaign_key,
        activity_date,
        platform,
        account_id,
        currency,
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
        cast(null as {{ dbt.type_string() }}) as ad_group_key,
        cast(null as {{ dbt.type_string() }}) as ad_group_id,
        cast(null as {{ dbt.type_string() }}) as ad_group_name,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(platform_conversions) as platform_conversions
    from compared
    group by campaign_key, activity_date, platform, account_id, currency
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

-- In the reporting currency, too, the parts sum to the campaign's day: each is its running sum less the one before.
run as (

    select
        *,
        sum(spend) over (
            partition by campaign_key, activity_date
            order by ad_group_key nulls last rows between unbounded preceding and current row
        ) as running_spend
    from unioned

)

select
    {{ surrogate_key(['run.campaign_key', 'run.ad_group_key', 'run.activity_date']) }} as spend_ad_group_key,
    run.activity_date,
    run.platform,
    run.account_id,
    run.campaign_key,
    run.ad_group_key,
    run.ad_group_id,
    run.ad_group_name,
    run.ad_group_key is null as is_difference,
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
