with

page_daily as (

    select * from {{ source('facebook_pages', 'page_daily') }}

),

instagram_daily as (

    select * from {{ source('facebook_pages', 'instagram_daily') }}

),

unioned as (

    select
        cast('facebook' as {{ dbt.type_string() }}) as platform,
        cast(page_id as {{ dbt.type_string() }}) as page_id,
        cast(date as date) as activity_date,
        cast(page_media_view as bigint) as views,
        cast(page_total_media_view_unique as bigint) as reach,
        cast(page_post_engagements as bigint) as engagements,
        cast(page_follows as bigint) as followers,
        cast(page_daily_follows_unique as bigint) as new_followers,
        cast(page_views_total as bigint) as profile_views
    from page_daily

    union all

    select
        cast('instagram' as {{ dbt.type_string() }}) as platform,
        cast(page_id as {{ dbt.type_string() }}) as page_id,
        cast(date as date) as activity_date,
        cast(views as bigint) as views,
        cast(reach as bigint) as reach,
        cast(total_interactions as bigint) as engagements,
        cast(null as bigint) as followers,
        cast(follows as bigint) as new_followers,
        cast(null as bigint) as profile_views
    from instagram_daily

)

select * from unioned
where activity_date <= {{ as_of_date() }}
