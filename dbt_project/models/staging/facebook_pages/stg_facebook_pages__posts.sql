with

posts as (

    select * from {{ source('facebook_pages', 'posts') }}

),

media as (

    select * from {{ source('facebook_pages', 'media') }}

),

unioned as (

    select
        cast('facebook' as {{ dbt.type_string() }}) as platform,
        cast(page_id as {{ dbt.type_string() }}) as page_id,
        cast(post_id as {{ dbt.type_string() }}) as post_id,
        cast(created_time as timestamp) as created_at,
        cast(message as {{ dbt.type_string() }}) as message,
        cast(permalink_url as {{ dbt.type_string() }}) as permalink,
        cast(post_media_view as bigint) as views,
        cast(post_total_media_view_unique as bigint) as reach,
        cast(post_clicks as bigint) as clicks,
        cast(reactions as bigint) as likes,
        cast(comments as bigint) as comments,
        cast(shares as bigint) as shares,
        cast(null as bigint) as saves
    from posts

    union all

    select
        cast('instagram' as {{ dbt.type_string() }}) as platform,
        cast(page_id as {{ dbt.type_string() }}) as page_id,
        cast(media_id as {{ dbt.type_string() }}) as post_id,
        cast(timestamp as timestamp) as created_at,
        cast(caption as {{ dbt.type_string() }}) as message,
        cast(permalink as {{ dbt.type_string() }}) as permalink,
        cast(views as bigint) as views,
        cast(reach as bigint) as reach,
        cast(null as bigint) as clicks,
        cast(like_count as bigint) as likes,
        cast(comments_count as bigint) as comments,
        cast(shares as bigint) as shares,
        cast(saved as bigint) as saves
    from media

)

select * from unioned
where created_at < {{ as_of_end() }}
