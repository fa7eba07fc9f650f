-- What sales did at a time that nobody can read: in no published table, counted in the night's report.
select
    'hubspot' as source,
    activity_type,
    activity_id as source_activity_id
from {{ ref('stg_hubspot__activities') }}
where
    occurred_at is null
    and not is_archived
group by activity_type, activity_id
union all
select
    'files' as source,
    activity_type,
    activity_id as source_activity_id
from {{ ref('stg_files__activities') }}
where occurred_at is null
