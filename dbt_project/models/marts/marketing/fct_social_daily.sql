with

pages as (

    select * from {{ ref('stg_facebook_pages__pages') }}

),

days as (

    select * from {{ ref('stg_facebook_pages__page_daily') }}
    where activity_date <= {{ as_of_date() }}

),

-- An Instagram profile is told by its Facebook page.
named as (

    select
        {{ surrogate_key(['days.platform', 'days.page_id', 'days.activity_date']) }} as social_daily_key,
        days.activity_date,
        days.platform,
        case when days.platform = 'instagram' then pages.instagram_id else days.page_id end as account_id,
        case when days.platform = 'instagram' then pages.instagram_name else pages.page_name end as account_name,
        cast(days.views as bigint) as views,
        cast(days.reach as bigint) as reach,
        cast(days.engagements as bigint) as engagements,
        cast(days.followers as bigint) as followers,
        cast(days.new_followers as bigint) as new_followers,
        cast(days.profile_views as bigint) as profile_views,
        cast(days.engagements as double) / nullif(days.views, 0) as engagement_rate
    from days
    left join pages
        on pages.page_id = days.page_id

)

select * from named
