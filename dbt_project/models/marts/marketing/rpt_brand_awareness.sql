with

branded_campaigns as (

    select distinct sessions.campaign
    from (select distinct campaign from {{ ref('int_sessions__daily') }}) as sessions
    inner join {{ ref('brand_rules') }} as rules
        on
            {{ matches('sessions.campaign', 'rules.campaign_pattern') }}
            and not coalesce({{ matches('sessions.campaign', 'rules.except_pattern') }}, false)

),

website as (

    select
        cast({{ dbt.date_trunc('month', 'sessions.activity_date') }} as date) as month_start_date,
        sum(sessions.sessions) as sessions,
        sum(case when sessions.channel = 'direct' then sessions.sessions else 0 end) as direct_sessions,
        sum(
            case
                when sessions.channel in ('paid_search', 'organic_search') and branded_campaigns.campaign is not null
                    then sessions.sessions
                else 0
            end
        ) as branded_search_sessions,
        sum(sessions.new_users) as new_visitors
    from {{ ref('int_sessions__daily') }} as sessions
    left join branded_campaigns
        on branded_campaigns.campaign = sessions.campaign
    group by 1

),

accounts as (

    select
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        platform,
        account_id,
        max(account_name) as account_name,
        sum(views) as views,
        sum(engagements) as engagements,
        sum(case when views is not null then engagements end) as engagements_with_views,
        max(reach) as highest_daily_reach,
        max_by(followers, case when followers is not null then activity_date end) as followers,
        sum(new_followers) as new_followers
    from {{ ref('fct_social_daily') }}
    group by 1, platform, account_id

),

unioned as (

    select
        month_start_date,
        'website' as platform,
        cast(null as {{ dbt.type_string() }}) as account_id,
        cast(null as {{ dbt.type_string() }}) as account_name,
        cast(sessions as bigint) as sessions,
        cast(direct_sessions as bigint) as direct_sessions,
        cast(branded_search_sessions as bigint) as branded_search_sessions,
        cast(direct_sessions as double) / nullif(sessions, 0) as direct_share,
        cast(branded_search_sessions as double) / nullif(sessions, 0) as branded_search_share,
        cast(new_visitors as bigint) as new_visitors,
        cast(null as bigint) as views,
        cast(null as bigint) as engagements,
        cast(null as bigint) as engagements_with_views,
        cast(null as double) as engagement_rate,
        cast(null as bigint) as highest_daily_reach,
        cast(null as bigint) as followers,
        cast(null as bigint) as new_followers
    from website
    union all
    select
        month_start_date,
        platform,
        account_id,
        account_name,
        cast(null as bigint) as sessions,
        cast(null as bigint) as direct_sessions,
        cast(null as bigint) as branded_search_sessions,
        cast(null as double) as direct_share,
        cast(null as double) as branded_search_share,
        cast(null as bigint) as new_visitors,
        cast(views as bigint) as views,
        cast(engagements as bigint) as engagements,
        cast(engagements_with_views as bigint) as engagements_with_views,
        cast(engagements_with_views as double) / nullif(views, 0) as engagement_rate,
        cast(highest_daily_reach as bigint) as highest_daily_reach,
        cast(followers as bigint) as followers,
        cast(new_followers as bigint) as new_followers
    from accounts

)

select
    {{ surrogate_key(['month_start_date', 'platform', 'account_id']) }} as brand_awareness_key,
    *
from unioned
