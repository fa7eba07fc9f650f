with

performance as (

    select * from {{ ref('int_performance__unioned') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

summed as (

    select
        cohort_month,
        campaign_key,
        {{ performance_columns() }}
    from performance
    group by cohort_month, campaign_key

),

divided as (

    select
        {{ surrogate_key(['summed.cohort_month', 'summed.campaign_key']) }} as campaign_cohort_key,
        campaigns.platform,
        coalesce(campaigns.campaign_name, summed.campaign_key) as campaign_name,
        campaigns.channel,
        summed.*,
        {{ performance_ratios() }}
    from summed
    left join campaigns
        on campaigns.campaign_key = summed.campaign_key

)

select * from divided
