-- The macro below reads `performance`.
with

performance as ( -- noqa: ST03

    select * from {{ ref('int_performance__unioned') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

placed as (

    {{ in_periods('performance') }}

),

summed as (

    select
        period,
        period_start_date,
        period_end_date,
        is_complete,
        campaign_key,
        {{ performance_columns() }}
    from placed
    group by period, period_start_date, period_end_date, is_complete, campaign_key

),

divided as (

    select
        {{ surrogate_key(['summed.period', 'summed.period_start_date', 'summed.campaign_key']) }}
            as campaign_performance_period_key,
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
