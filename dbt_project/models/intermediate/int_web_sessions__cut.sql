with

events as (

    select
        event_id,
        coalesce(visitor_id, person_id, lower(email), event_id) as visitor,
        occurred_at,
        coalesce(nullif(lower(trim(event_name)), ''), 'page_view') as event_name,
        nullif(lower(trim(source)), '') as source,
        nullif(lower(trim(medium)), '') as medium,
        nullif(trim(campaign), '') as campaign,
        nullif({{ host_of('referrer') }}, '') as referring_site,
        {{ click_id_type('url') }} as click_id_type
    from {{ ref('stg_files__web_events') }}
    where occurred_at < {{ as_of_end() }}

),

key_events as (

    select * from {{ ref('web_key_events') }}

),

marked as (

    select
        *,
        case
            when coalesce(source, medium, campaign, click_id_type) is not null
                then {{ surrogate_key(['source', 'medium', 'campaign', 'click_id_type']) }}
        end as origin
    from events

),

paused as (

    select
        *,
        lag(occurred_at) over (partition by visitor order by occurred_at, event_id) as previous_at
    from marked

),

-- Events without a silence between them.
stretched as (

    select
        *,
        sum(
            case
                when occurred_at <= {{ dbt.dateadd('minute', var('session_timeout_minutes'), 'previous_at') }} then 0
                else 1
            end
        ) over (partition by visitor order by occurred_at, event_id rows unbounded preceding) as stretch
    from paused

),

-- Inner pages have no origin: among those events that have one, the one before tells the last known.
followed as (

    select
        *,
        row_number() over (partition by visitor, stretch order by occurred_at, event_id) as place_in_stretch,
        lag(origin) over (
            partition by visitor, stretch, origin is null order by occurred_at, event_id
        ) as last_known_origin
    from stretched

),

numbered as (

    select
        *,
        sum(
            case
                when place_in_stretch = 1 or origin <> coalesce(last_known_origin, '') then 1
                else 0
            end
        ) over (partition by visitor order by occurred_at, event_id rows unbounded preceding) as session_number
    from followed

),

-- Without a source of its own a session comes from the site that links to it.
placed as (

    select
        *,
        case when coalesce(source, medium, campaign, click_id_type) is null then referring_site end as linking_site,
        row_number() over (partition by visitor, session_number order by occurred_at, event_id) as place
    from numbered

),

-- What brought the visitor is what the first event says.
sessions as (

    select
        {{ surrogate_key(['placed.visitor', 'placed.session_number']) }} as session_key,
        min(placed.occurred_at) as started_at,
        max(placed.occurred_at) as last_event_at,
        placed.session_number = 1 as is_new_visitor,
        sum(case when placed.event_name = 'page_view' then 1 else 0 end) as page_views,
        sum(case when key_events.event_name is not null then 1 else 0 end) as key_events,
        max(case when placed.place = 1 then coalesce(placed.source, placed.linking_site) end) as source_name,
        max(
            case
                when placed.place = 1 and placed.linking_site is not null then 'referral'
                when placed.place = 1 then placed.medium
            end
        ) as medium,
        max(case when placed.place = 1 then placed.campaign end) as campaign,
        max(case when placed.place = 1 then placed.click_id_type end) as click_id_type
    from placed
    left join key_events
        on key_events.event_name = placed.event_name
    group by placed.visitor, placed.session_number

),

-- Google Analytics' own definition of an engaged session.
engaged as (

    select
        *,
        page_views > 1 or key_events > 0 or last_event_at >= {{ dbt.dateadd('second', 10, 'started_at') }} as is_engaged
    from sessions

)

select * from engaged
