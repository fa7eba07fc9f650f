-- Subscriptions and their changes, as the files tell them.
select subscription_key as found_for, 'files' as source, 'subscriptions' as table_name, raw.subscription_id as record,
    _dlt_load_id
from behind
inner join files.raw.subscriptions as raw on subscription_key = md5('files|' || raw.subscription_id)
union all
select subscription_key, 'files', 'subscription_changes', concat_ws(' ', raw.subscription_id, raw.changed_at::timestamp),
    _dlt_load_id
from behind
inner join files.raw.subscription_changes as raw on subscription_key = md5('files|' || raw.subscription_id)
