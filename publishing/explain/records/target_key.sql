-- Budgets, line by line.
select target_key as found_for, 'files' as source, 'targets' as table_name, target_id as record, _dlt_load_id
from behind
inner join files.raw.targets as raw on target_key = target_id
