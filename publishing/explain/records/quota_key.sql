-- Every version of a quota.
with

told as (

    select
        raw.*,
        md5(concat_ws(
            '|', coalesce(owner_key, '~'), coalesce(if(owner_key is null, nullif(trim(team), ''), null), '~'),
            coalesce(lower(nullif(trim(segment), '')), '~'), period_start, period_end
        )) as quota_key
    from files.raw.targets as raw
    left join build.intermediate.int_owners__resolved as owners
        on raw.owner_id = source_owner_id and owners.source = 'files'
    where lower(trim(department)) = 'sales' and lower(trim(metric)) = 'bookings'

)

select quota_key as found_for, 'files' as source, 'targets' as table_name, target_id as record, _dlt_load_id
from behind
inner join told using (quota_key)
