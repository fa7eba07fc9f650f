-- One row per contact of a person with the company, of any source, with all it tells about where it came from.
with

resolved as (

    select source, source_person_id, person_key
    from {{ ref('int_people__resolved') }}
    where not is_excluded

),

-- After a merge the survivor shows the loser's sessions too; where raw still has both, the survivor's is kept.
hubspot_web as (

    select
        touches.*,
        resolved.person_key,
        row_number() over (
            partition by resolved.person_key, touches.touch_type, touches.touched_at
            order by case when losers.contact_id is null then 0 else 1 end, touches.contact_id
        ) as place
    from {{ ref('int_touches__reconstructed') }} as touches
    inner join resolved on resolved.source = 'hubspot' and touches.contact_id = resolved.source_person_id
    left join (select distinct contact_id from {{ ref('stg_hubspot__contact_merges') }}) as losers
        on touches.contact_id = losers.contact_id

),

hubspot_touches as (

    select
        'hubspot' as source,
        touch_type || ':' || contact_id || ':' || cast(touched_at as {{ dbt.type_string() }}) as source_touch_id,
        person_key,
        touched_at,
        touch_type,
        'marketing' as department,
        source_name,
        medium,
        campaign,
        utm_id,
        click_id,
        click_id_type,
        named_channel,
        cast(null as {{ dbt.type_string() }}) as platform,
        cast(null as {{ dbt.type_string() }}) as campaign_id
    from hubspot_web
    where place = 1

),

email_clicks as (

    select
        clicks.platform as source,
        'click:' || bound.person_key || ':' || clicks.campaign_id || ':'
        || cast(clicks.occurred_at as {{ dbt.type_string() }}) as source_touch_id,
        bound.person_key,
        clicks.occurred_at as touched_at,
        'email_click' as touch_type,
        'marketing' as department,
        clicks.platform as source_name,
        'email' as medium,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as utm_id,
        cast(null as {{ dbt.type_string() }}) as click_id,
        cast(null as {{ dbt.type_string() }}) as click_id_type,
        'email' as named_channel,
        clicks.platform,
        clicks.campaign_id
    from {{ ref('int_email_events__classified') }} as clicks
    inner join {{ ref('int_identities__normalised') }} as emails on clicks.email = emails.email
    inner join {{ ref('int_identities__bound') }} as bound on emails.normalised_email = bound.normalised_email
    where clicks.action = 'click' and not clicks.is_machine

),

files_touches as (

    select
        'files' as source,
        'touch:' || touches.touch_id as source_touch_id,
        resolved.person_key,
        touches.touched_at,
        coalesce(lower(trim(touches.touch_type)), 'touch') as touch_type,
        coalesce(lower(trim(touches.department)), 'marketing') as department,
        touches.source as source_name,
        touches.medium,
        touches.campaign,
        cast(null as {{ dbt.type_string() }}) as utm_id,
        cast(null as {{ dbt.type_string() }}) as click_id,
        cast(null as {{ dbt.type_string() }}) as click_id_type,
        cast(null as {{ dbt.type_string() }}) as named_channel,
        cast(null as {{ dbt.type_string() }}) as platform,
        cast(null as {{ dbt.type_string() }}) as campaign_id
    from {{ ref('stg_files__touches') }} as touches
    inner join resolved on resolved.source = 'files' and touches.person_id = resolved.source_person_id

),

web_visits as (

    select
        'files' as source,
        'visit:' || visits.event_id as source_touch_id,
        visits.person_key,
        visits.touched_at,
        'session' as touch_type,
        'marketing' as department,
        -- Without a source of its own a visit comes from the site that links to it.
        coalesce(
            visits.source, case when visits.is_unmarked then nullif({{ host_of('visits.referrer') }}, '') end
        ) as source_name,
        case
            when visits.is_unmarked and {{ host_of('visits.referrer') }} <> '' then 'referral' else visits.medium
        end as medium,
        visits.campaign,
        cast(null as {{ dbt.type_string() }}) as utm_id,
        visits.click_id,
        case
            when visits.click_id is not null
                then coalesce({{ click_id_type('visits.url') }}, case when google_clicks.click_id is not null then 'gclid' end)
        end as click_id_type,
        cast(null as {{ dbt.type_string() }}) as named_channel,
        cast(null as {{ dbt.type_string() }}) as platform,
        cast(null as {{ dbt.type_string() }}) as campaign_id
    from {{ ref('int_visits__identified') }} as visits
    left join (select distinct click_id from {{ ref('stg_google_ads__clicks') }}) as google_clicks
        on visits.click_id = google_clicks.click_id

),

activities as (

    select
        activities.source,
        'activity:' || activities.source_activity_id || ':' || resolved.person_key as source_touch_id,
        resolved.person_key,
        activities.occurred_at as touched_at,
        activities.activity_type as touch_type,
        'sales' as department,
        cast(null as {{ dbt.type_string() }}) as source_name,
        cast(null as {{ dbt.type_string() }}) as medium,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as utm_id,
        cast(null as {{ dbt.type_string() }}) as click_id,
        cast(null as {{ dbt.type_string() }}) as click_id_type,
        case
            when activities.activity_type = 'meeting' then 'meeting'
            when activities.direction = 'inbound' then 'warm_call'
        end as named_channel,
        cast(null as {{ dbt.type_string() }}) as platform,
        cast(null as {{ dbt.type_string() }}) as campaign_id
    from {{ ref('int_activities__unioned') }} as activities
    inner join resolved
        on activities.source = resolved.source and activities.source_person_id = resolved.source_person_id
    where
        activities.activity_type in ('call', 'meeting')
        and activities.status = 'completed'
        and not activities.is_automated
        and activities.deleted_at is null

),

told as (

    select * from hubspot_touches
    union all
    select * from email_clicks
    union all
    select * from files_touches
    union all
    select * from web_visits
    union all
    select * from activities

),

known as (

    select told.*
    from told
    inner join (select distinct person_key from resolved) as people on told.person_key = people.person_key
    where told.touched_at < {{ as_of_end() }}

),

first_touches as (

    select person_key, min(touched_at) as touched_at
    from known
    group by person_key

),

listed as (

    select
        people.*,
        resolved.person_key,
        row_number() over (partition by resolved.person_key order by people.created_at, people.person_id) as place
    from {{ ref('stg_files__people') }} as people
    inner join resolved on resolved.source = 'files' and people.person_id = resolved.source_person_id
    where
        coalesce(people.source, people.medium, people.campaign) is not null
        and people.created_at < {{ as_of_end() }}

),

-- What a list of people says about their origin, of several records the earliest, is a touch only where nothing better is
-- known.
origins as (

    select
        'files' as source,
        'origin:' || listed.person_id as source_touch_id,
        listed.person_key,
        listed.created_at as touched_at,
        'origin' as touch_type,
        'marketing' as department,
        listed.source as source_name,
        listed.medium,
        listed.campaign,
        cast(null as {{ dbt.type_string() }}) as utm_id,
        cast(null as {{ dbt.type_string() }}) as click_id,
        cast(null as {{ dbt.type_string() }}) as click_id_type,
        cast(null as {{ dbt.type_string() }}) as named_channel,
        cast(null as {{ dbt.type_string() }}) as platform,
        cast(null as {{ dbt.type_string() }}) as campaign_id
    from listed
    left join first_touches on listed.person_key = first_touches.person_key
    where
        listed.place = 1
        and (first_touches.touched_at is null or first_touches.touched_at > listed.created_at)

),

unioned as (

    select * from known
    union all
    select * from origins

),

-- One activity may name a person twice, through two records merged since.
numbered as (

    select
        *,
        row_number() over (partition by source, source_touch_id order by source_name, campaign) as place
    from unioned

)

select
    {{ record_key('numbered.source', 'numbered.source_touch_id', 'salts.salt') }} as touch_key,
    numbered.source,
    numbered.source_touch_id,
    numbered.person_key,
    numbered.touched_at,
    numbered.touch_type,
    numbered.department,
    nullif(lower(trim(numbered.source_name)), '') as source_name,
    nullif(lower(trim(numbered.medium)), '') as medium,
    nullif(trim(numbered.campaign), '') as campaign,
    nullif(trim(numbered.utm_id), '') as utm_id,
    nullif(trim(numbered.click_id), '') as click_id,
    numbered.click_id_type,
    numbered.named_channel,
    numbered.platform,
    numbered.campaign_id
from numbered
cross join {{ ref('stg_identity__salts') }} as salts
where numbered.place = 1
