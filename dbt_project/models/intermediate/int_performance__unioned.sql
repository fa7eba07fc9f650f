with

people as (

    select * from {{ ref('dim_people') }}

),

conversions as (

    select * from {{ ref('int_conversions__derived') }}

),

cohorts as (

    select
        person_key,
        cast({{ dbt.date_trunc('month', business_date('converted_at')) }} as date) as cohort_month
    from conversions
    where conversion_type = 'lead'

),

spend as (

    select
        activity_date,
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as cohort_month,
        channel,
        campaign_key,
        cast(null as {{ dbt.type_string() }}) as segment,
        {{ performance_columns({
            'spend_reporting': 'coalesce(spend_reporting, 0)',
            'unconverted_spend_rows': 'case when spend_reporting is null and spend <> 0 then 1 else 0 end',
            'impressions': 'impressions',
            'clicks': 'clicks',
            'platform_conversions': 'platform_conversions',
        }) }}
    from {{ ref('fct_spend') }}

),

sessions as (

    select
        activity_date,
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as cohort_month,
        channel,
        campaign_key,
        cast(null as {{ dbt.type_string() }}) as segment,
        {{ performance_columns({'sessions': 'sessions', 'engaged_sessions': 'engaged_sessions'}) }}
    from {{ ref('int_sessions__matched') }}

),

converted as (

    select
        {{ business_date('conversions.converted_at') }} as activity_date,
        cohorts.cohort_month,
        people.original_channel as channel,
        people.original_campaign_key as campaign_key,
        people.segment,
        {{ performance_columns({
            'leads': "case when conversions.conversion_type = 'lead' then 1 else 0 end",
            'qualified_leads': "case when conversions.conversion_type = 'qualified' then 1 else 0 end",
            'opportunities': "case when conversions.conversion_type = 'opportunity' then 1 else 0 end",
            'customers': "case when conversions.conversion_type = 'customer' then 1 else 0 end",
        }) }}
    from conversions
    left join people
        on people.person_key = conversions.person_key
    left join cohorts
        on cohorts.person_key = conversions.person_key
    where conversions.conversion_type in ('lead', 'qualified', 'opportunity', 'customer')

),

bookings as (

    select
        deals.closed_date as activity_date,
        cohorts.cohort_month,
        people.original_channel as channel,
        people.original_campaign_key as campaign_key,
        people.segment,
        {{ performance_columns({
            'won_deals': '1',
            'revenue': 'coalesce(deals.amount_reporting, 0)',
            'unconverted_deals': 'case when deals.amount is not null and deals.amount_reporting is null then 1 else 0 end',
        }) }}
    from {{ ref('fct_deals') }} as deals
    left join people
        on people.person_key = deals.person_key
    left join cohorts
        on cohorts.person_key = deals.person_key
    where
        deals.is_won
        and deals.closed_date is not null

),

attributed as (

    select
        {{ business_date('attribution.converted_at') }} as activity_date,
        cohorts.cohort_month,
        attribution.channel,
        attribution.campaign_key,
        people.segment,
        {{ performance_columns({
            'attributed_revenue': 'coalesce(attribution.attributed_value, 0)',
            'unconverted_credits':
                'case when deals.amount is not null and attribution.attributed_value is null then 1 else 0 end',
        }) }}
    from {{ ref('fct_attribution') }} as attribution
    left join {{ ref('fct_deals') }} as deals
        on deals.deal_key = attribution.deal_key
    left join people
        on people.person_key = attribution.person_key
    left join cohorts
        on cohorts.person_key = attribution.person_key
    where
        attribution.conversion_type = 'won_deal'
        and attribution.attribution_model = '{{ var("default_attribution_model") }}'

),

unioned as (

    select * from spend
    union all
    select * from sessions
    union all
    select * from converted
    union all
    select * from bookings
    union all
    select * from attributed

),

-- What is dated before the calendar stands on its first day, or no period would hold it.
named as (

    select
        greatest(activity_date, {{ calendar_start_date() }}) as activity_date,
        cohort_month,
        coalesce(channel, 'unattributed') as channel,
        coalesce(campaign_key, 'unattributed') as campaign_key,
        segment,
        spend_reporting,
        unconverted_spend_rows,
        impressions,
        clicks,
        platform_conversions,
        sessions,
        engaged_sessions,
        leads,
        qualified_leads,
        opportunities,
        customers,
        won_deals,
        revenue,
        unconverted_deals,
        attributed_revenue,
        unconverted_credits
    from unioned

)

select * from named
