-- Terms of the agreement stand in a seed, which no load brings.
select terms_key as found_for, 'seeds' as source, 'sla_terms' as table_name, terms_key as record,
    null::varchar as _dlt_load_id
from behind
where terms_key is not null
