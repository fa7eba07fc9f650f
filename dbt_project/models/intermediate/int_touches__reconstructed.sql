-- HubSpot's web sessions and forms, with the traffic source as it was then.
--
-- HubSpot keeps one value of each property and the history of its changes. Every new hs_latest_source_timestamp is a
-- session; a source property that did not change since keeps its value and writes no history.
with

changes as (

    select
        contact_id,
        changed_at,
        {% for property in [
            'hs_latest_source_timestamp', 'recent_conversion_date', 'hs_latest_source', 'hs_latest_source_data_1',
            'hs_latest_source_data_2', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_id', 'hs_google_click_id',
            'hs_facebook_click_id'
        ] %}
            max(case when property = '{{ property }}' then coalesce(value, '') end) as {{ property }},
        {% endfor %}
        count(*) as properties
    from {{ ref('stg_hubspot__contact_history') }}
    group by contact_id, changed_at

),

known as (

    select
        contact_id,
        changed_at,
        {{ moment_of('hs_latest_source_timestamp', 'changed_at') }} as session_at,
        {{ moment_of('recent_conversion_date', 'changed_at') }} as form_at,
        hs_google_click_id,
        hs_facebook_click_id,
        coalesce(utm_source, utm_medium, utm_campaign, utm_id) is not null as has_new_utm,
        {% for property in [
            'hs_latest_source', 'hs_latest_source_data_1', 'hs_latest_source_data_2',
            'utm_source', 'utm_medium', 'utm_campaign', 'utm_id'
        ] %}
            nullif({{ known_at(property, partition_by='contact_id', at='changed_at') }}, '') as {{ property }},
        {% endfor %}
        sum(case when hs_latest_source_timestamp <> '' then 1 else 0 end) over (
            partition by contact_id order by changed_at range between unbounded preceding and current row
        ) as session_number
    from changes

),

sourced as (

    select
        known.*,
        map.channel as named_channel,
        coalesce(
            map.source,
            case map.source_property
                when 1 then known.hs_latest_source_data_1
                when 2 then {{ dbt.split_part('known.hs_latest_source_data_2', "' / '", 1) }}
            end
        ) as told_source,
        coalesce(
            map.medium,
            case when map.source_property = 2 then {{ dbt.split_part('known.hs_latest_source_data_2', "' / '", 2) }} end
        ) as told_medium,
        case map.campaign_property
            when 1 then known.hs_latest_source_data_1
            when 2 then known.hs_latest_source_data_2
        end as told_campaign
    from known
    left join {{ ref('hubspot_source_map') }} as map on known.hs_latest_source = map.hubspot_source

),

-- The link's own words are the better witness, if they are this session's: new in it, or of the campaign HubSpot tells.
witnessed as (

    select
        *,
        coalesce(utm_source, utm_medium, utm_campaign) is not null
        and (has_new_utm or lower(utm_campaign) = lower(told_campaign)) as has_utm
    from sourced
    where session_at is not null

),

sessions as (

    select
        contact_id,
        session_number,
        session_at as touched_at,
        case when has_utm then utm_source else told_source end as source_name,
        case when has_utm then utm_medium else told_medium end as medium,
        case when has_utm then utm_campaign else told_campaign end as campaign,
        case when has_utm then utm_id end as utm_id,
        coalesce(nullif(hs_google_click_id, ''), nullif(hs_facebook_click_id, '')) as click_id,
        case
            when hs_google_click_id <> '' then 'gclid'
            when hs_facebook_click_id <> '' then 'fbclid'
        end as click_id_type,
        case when not has_utm then named_channel end as named_channel
    from witnessed

),

-- A form is filled in during the session that led to it.
forms as (

    select contact_id, session_number, form_at as touched_at
    from known
    where form_at is not null

)

select
    contact_id,
    'session' as touch_type,
    touched_at,
    source_name,
    medium,
    campaign,
    utm_id,
    click_id,
    click_id_type,
    named_channel
from sessions
union all
select
    forms.contact_id,
    'form' as touch_type,
    forms.touched_at,
    sessions.source_name,
    sessions.medium,
    sessions.campaign,
    sessions.utm_id,
    sessions.click_id,
    sessions.click_id_type,
    sessions.named_channel
from forms
left join sessions
    on forms.contact_id = sessions.contact_id and forms.session_number = sessions.session_number
