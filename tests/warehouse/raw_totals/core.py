"""People, their stages and touches: what the marts of core tell, and the same from raw."""

from tests.warehouse.raw_totals.alignment import ALL_HANDOFFS

TOTALS = {
    "people": (
        """
        select count(*) as records, (select count(*) from core.dim_people) as people,
            count(*) filter (is_excluded) as excluded
        from intermediate.int_people__resolved
        """,
        """
        select (select count(*) from people) + (select count(*) from excluded) as records,
            (select count(distinct one) from people) as people, (select count(*) from excluded) as excluded
        """,
    ),
    # A record is a person or one of several that are; its address joins it with others, unless it is a role's.
    "identifiers of people": (
        """
        select source, identifier_type, count(*) as identifiers
        from sales.fct_identity_links where identifier_type in ('record_id', 'email', 'role_email') group by all
        """,
        """
        select source, 'record_id', count(*) as identifiers from people group by all
        union all
        select source, if(addresses.mailbox is null, 'role_email', 'email'), count(*)
        from people inner join records using (source, record_id) left join addresses on address = email
        where email <> '' group by all
        """,
    ),
    "contacts": (
        "select count(*) as people, count(email) as with_an_address from sales.dim_contacts",
        """
        select count(distinct one) as people, count(distinct if(email <> '', one, null)) as with_an_address
        from people left join records using (source, record_id)
        """,
    ),
    "people by day": (
        """
        select date_day, sum(people) as people
        from core.rpt_stage_daily where date_day = last_day(date_day) group by all
        """,
        """
        with days as (select unnest(range(date '2024-12-31', as_of() + 1, interval 1 day))::date as date_day),
        told as (
            select 'hubspot' as source, id as record_id, cast(created_at as timestamp) as known_at,
                if(archived, cast(archived_at as timestamp), null) as gone_at
            from hubspot.raw.contacts
            union all
            select 'files', person_id, created_at, null from files.raw.people
            union all
            select source, record_id, reached_at, null from stages_reached
        ),
        lives as (
            select one, min(known_at) as known_at,
                max(gone_at) filter (one not in (
                    select one from people left join hubspot.raw.contacts on source = 'hubspot' and id = record_id
                    where not coalesce(archived, false)
                )) as gone_at
            from told inner join people using (source, record_id) group by one
        )
        select date_day, count(*) as people
        from days
        inner join lives
            on cast(known_at as date) <= date_day and coalesce(cast(gone_at as date) > date_day, true)
        where date_day = last_day(date_day) group by all
        """,
    ),
    "entries into the ledger": (
        """
        select month_of(entered_at) as month, count(*) as handoffs
        from core.fct_lead_stages where stage = 'qualified' group by all
        """,
        ALL_HANDOFFS,
    ),
    "transitions": (
        """
        select month_start_date, sum(transitions) as handoffs
        from core.rpt_stage_transitions where to_stage = 'qualified' group by all
        """,
        ALL_HANDOFFS,
    ),
    "campaigns of ad platforms and mailings": (
        """
        select platform, count(*) as campaigns
        from core.dim_campaigns where platform not in ('offline', 'utm') group by all
        """,
        """
        select 'google_ads', count(*) as campaigns from google_ads.raw.campaigns
        union all
        select 'meta_ads', count(*) from meta_ads.raw.campaigns
        union all
        select 'mailchimp', count(*) from mailchimp.raw.campaigns
        """,
    ),
    "visits that HubSpot knows": (
        """
        select month_of(touched_at) as month, count(*) as sessions
        from core.fct_touches where touch_type = 'session' and source = 'hubspot' group by all
        """,
        """
        select month_of(changed_at) as month, count(distinct (one, changed_at)) as sessions
        from hubspot.raw.contact_history inner join people on source = 'hubspot' and record_id = id
        where property = 'hs_latest_source_timestamp' and value <> '' and changed_at < as_of() + 1 group by all
        """,
    ),
    "touches but for visits": (
        """
        select source, touch_type, month_of(touched_at) as month, count(*) as touches
        from core.fct_touches where touch_type not in ('session', 'origin') group by all
        """,
        """
        with told as (
            select if(kind = 'form', 'hubspot', 'mailchimp') as told_by, source, record_id, kind,
                engaged_at as touched_at, null as id
            from engagements where kind in ('form', 'email_click')
            union all
            select 'files', 'files', person_id, touch_type, touched_at, touch_id from files.raw.touches
            union all
            select 'files', 'files', person_id, activity_type, occurred_at, activity_id
            from files.raw.activities
            where activity_type in ('call', 'meeting') and coalesce(status, 'completed') = 'completed'
                and not coalesce(is_automated, false)
            union all
            select 'hubspot', 'hubspot', contact_id, 'call', readable(hs_timestamp), id
            from hubspot.raw.calls inner join hubspot.raw.call_contacts on call_id = id
            where not archived and hs_call_status = 'COMPLETED'
            union all
            select 'hubspot', 'hubspot', contact_id, 'meeting',
                coalesce(readable(hs_meeting_start_time), readable(hs_timestamp)), id
            from hubspot.raw.meetings inner join hubspot.raw.meeting_contacts on meeting_id = id
            where not archived and hs_meeting_outcome = 'COMPLETED'
        )
        select told_by, kind, month_of(touched_at) as month, count(*) as touches
        from (select distinct told_by, kind, one, touched_at, id from told inner join people using (source, record_id))
        where touched_at < as_of() + 1 group by all
        """,
    ),
}
