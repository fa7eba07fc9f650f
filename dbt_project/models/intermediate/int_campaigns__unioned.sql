with

ad_campaigns as (

    {% for platform in var('ad_platforms') %}
        select
            '{{ platform }}' as platform,
            campaigns.account_id,
            campaigns.campaign_id,
            campaigns.campaign_name,
            lower(campaigns.campaign_type) as campaign_type,
            upper(accounts.currency) as currency,
            campaigns.status
        from {{ ref('stg_' ~ platform ~ '__campaigns') }} as campaigns
        left join {{ ref('stg_' ~ platform ~ '__accounts') }} as accounts
            on accounts.account_id = campaigns.account_id
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

),

-- A campaign that spent and is in no list (deleted, or the list failed) is still a campaign.
unlisted_ad_campaigns as (

    select
        ad_days.platform,
        ad_days.account_id,
        ad_days.campaign_id,
        ad_days.campaign_id as campaign_name,
        cast(null as {{ dbt.type_string() }}) as campaign_type,
        max(ad_days.currency) as currency,
        'unknown' as status
    from {{ ref('int_ad_days__unioned') }} as ad_days
    left join ad_campaigns
        on
            ad_campaigns.platform = ad_days.platform
            and ad_campaigns.account_id = ad_days.account_id
            and ad_campaigns.campaign_id = ad_days.campaign_id
    where ad_campaigns.campaign_id is null
    group by ad_days.platform, ad_days.account_id, ad_days.campaign_id

),

all_ad_campaigns as (

    select * from ad_campaigns
    union all
    select * from unlisted_ad_campaigns

),

channelled_ad_campaigns as (

    select
        {{ surrogate_key(['campaigns.platform', 'campaigns.account_id', 'campaigns.campaign_id']) }} as campaign_key,
        campaigns.platform,
        campaigns.account_id,
        campaigns.campaign_id,
        coalesce(campaigns.campaign_name, campaigns.campaign_id, 'unknown') as campaign_name,
        coalesce(exact_rules.channel, platform_rules.channel, 'paid_other') as channel,
        campaigns.currency,
        campaigns.status
    from all_ad_campaigns as campaigns
    left join {{ ref('ad_campaign_channels') }} as exact_rules
        on
            exact_rules.platform = campaigns.platform
            and exact_rules.campaign_type = campaigns.campaign_type
    left join {{ ref('ad_campaign_channels') }} as platform_rules
        on
            platform_rules.platform = campaigns.platform
            and platform_rules.campaign_type is null

),

email_campaigns as (

    select
        {{ surrogate_key(["'mailchimp'", 'list_id', 'campaign_id']) }} as campaign_key,
        'mailchimp' as platform,
        list_id as account_id,
        campaign_id,
        coalesce(campaign_name, subject, campaign_id) as campaign_name,
        'email' as channel,
        cast(null as {{ dbt.type_string() }}) as currency,
        'sent' as status
    from {{ ref('stg_mailchimp__campaigns') }}
    where sent_at < {{ as_of_end() }}

),

-- A mailing deleted at the vendor keeps what people did with it.
unlisted_email_campaigns as (

    select distinct
        events.campaign_key,
        events.platform,
        events.list_id as account_id,
        events.campaign_id,
        events.campaign_id as campaign_name,
        'email' as channel,
        cast(null as {{ dbt.type_string() }}) as currency,
        'unknown' as status
    from {{ ref('int_email_events__classified') }} as events
    left join email_campaigns
        on email_campaigns.campaign_key = events.campaign_key
    where email_campaigns.campaign_key is null

),

flights as (

    select
        campaign_key,
        platform,
        cast(null as {{ dbt.type_string() }}) as account_id,
        campaign_id,
        min(campaign_name) as campaign_name,
        channel,
        currency,
        case when max(last_day) < {{ as_of_date() }} then 'ended' else 'enabled' end as status
    from {{ ref('int_flights__spread') }}
    where activity_date <= {{ as_of_date() }}
    group by campaign_key, platform, campaign_id, channel, currency

),

unioned as (

    select * from channelled_ad_campaigns
    union all
    select * from email_campaigns
    union all
    select * from unlisted_email_campaigns
    union all
    select * from flights

)

select * from unioned
