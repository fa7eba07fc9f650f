with

posts as (

    select * from {{ ref('stg_facebook_pages__posts') }}

),

pages as (

    select * from {{ ref('stg_facebook_pages__pages') }}

),

engaged as (

    select
        posts.*,
        case when posts.platform = 'instagram' then pages.instagram_id else posts.page_id end as account_id,
        case when posts.platform = 'instagram' then pages.instagram_name else pages.page_name end as account_name,
        case
            when coalesce(posts.likes, posts.comments, posts.shares, posts.saves, posts.clicks) is not null
                then
                    coalesce(posts.likes, 0) + coalesce(posts.comments, 0) + coalesce(posts.shares, 0)
                    + coalesce(posts.saves, 0) + coalesce(posts.clicks, 0)
        end as engagements
    from posts
    left join pages
        on pages.page_id = posts.page_id

)

select
    {{ surrogate_key(['platform', 'page_id', 'post_id']) }} as social_post_key,
    platform,
    account_id,
    account_name,
    post_id,
    permalink,
    created_at as posted_at,
    {{ business_date('created_at') }} as posted_date,
    cast(views as bigint) as views,
    cast(reach as bigint) as reach,
    cast(likes as bigint) as likes,
    cast(comments as bigint) as comments,
    cast(shares as bigint) as shares,
    cast(saves as bigint) as saves,
    cast(clicks as bigint) as clicks,
    cast(engagements as bigint) as engagements,
    cast(engagements as double) / nullif(views, 0) as engagement_rate,
    cast(shares as double) / nullif(views, 0) as share_rate
from engaged
