with

claims as (

    select
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        platform,
        channel,
        platform_conversions,
        0 as own_leads,
        0 as own_customers
    from {{ ref('fct_spend') }}

),

-- What the touches of the platforms' campaigns are credited with, by the default model.
credits as (

    select
        cast({{ dbt.date_trunc('month', business_date('attribution.converted_at')) }} as date) as month_start_date,
        campaigns.platform,
        campaigns.channel,
        0 as platform_conversions,
        case when attribution.conversion_type = 'lead' then attribution.weight else 0 end as own_leads,
        case when attribution.conversion_type = 'customer' then attribution.weight else 0 end as own_customers
    from {{ ref('fct_attribution') }} as attribution
    inner join {{ ref('dim_campaigns') }} as campaigns on attribution.campaign_key = campaigns.campaign_key
    where
        attribution.attribution_model = '{{ var("default_attribution_model") }}'
        and attribution.conversion_type in ('lead', 'customer')

),

unioned as (

    select * from claims
    union all
    select * from credits

),

months as (

    select
        month_start_date,
        platform,
        channel,
        cast(sum(platform_conversions) as decimal(18, 2)) as platform_conversions,
        cast(sum(own_leads) as decimal(38, 12)) as own_leads,
        cast(sum(own_customers) as decimal(38, 12)) as own_customers
    from unioned
    where platform in ({% for platform in var('ad_platforms') %}'{{ platform }}'{% if not loop.last %}, {% endif %}{% endfor %})
    group by month_start_date, platform, channel

)

select
    {{ surrogate_key(['month_start_date', 'platform', 'channel']) }} as platform_claim_key,
    month_start_date,
    platform,
    channel,
    platform_conversions,
    own_leads,
    own_customers,
    cast(platform_conversions as double) / cast(nullif(own_leads, 0) as double) as over_claim_ratio
from months
