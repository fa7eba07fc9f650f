-- The records that are the person, and the change at the moment that counted.
with records as (
    select distinct people.person_key, people.source as system, people.source_person_id, behind.moment
    from behind inner join build.intermediate.int_people__resolved as people using (person_key)
)
select person_key as found_for, 'hubspot' as source, 'contacts' as table_name, raw.id as record, _dlt_load_id
from records inner join hubspot.raw.contacts as raw on system = 'hubspot' and source_person_id = raw.id
union all
select person_key, 'files', 'people', raw.person_id, _dlt_load_id
from records inner join files.raw.people as raw on system = 'files' and source_person_id = raw.person_id
union all
select person_key, 'hubspot', 'contact_history', raw.id || ' ' || raw.property, _dlt_load_id
from records inner join hubspot.raw.contact_history as raw
    on system = 'hubspot' and source_person_id = raw.id and cast(raw.changed_at as timestamp) = moment
    and raw.property in ('lifecyclestage', 'hs_lead_status')
union all
select person_key, 'hubspot', 'lead_history', raw.id || ' ' || raw.property, raw._dlt_load_id
from records
inner join hubspot.raw.lead_contacts as leads on system = 'hubspot' and source_person_id = leads.contact_id
inner join hubspot.raw.lead_history as raw
    on leads.lead_id = raw.id and cast(raw.changed_at as timestamp) = moment and raw.property = 'hs_pipeline_stage'
union all
select person_key, 'hubspot', 'deal_history', raw.id || ' ' || raw.property, raw._dlt_load_id
from records
inner join hubspot.raw.deal_contacts as deals on system = 'hubspot' and source_person_id = deals.contact_id
inner join hubspot.raw.deal_history as raw
    on deals.deal_id = raw.id and cast(raw.changed_at as timestamp) = moment and raw.property = 'dealstage'
union all
select person_key, 'files', 'stage_changes', raw.person_id || ' ' || raw.stage, _dlt_load_id
from records inner join files.raw.stage_changes as raw
    on system = 'files' and source_person_id = raw.person_id and cast(raw.changed_at as timestamp) = moment
union all
select person_key, 'files', 'deals', raw.deal_id, _dlt_load_id
from records inner join files.raw.deals as raw
    on system = 'files' and source_person_id = raw.person_id and cast(raw.closed_at as timestamp) = moment
