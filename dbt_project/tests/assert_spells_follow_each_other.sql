-- Nobody stands in two stages at once or nowhere in between: each stay begins the moment the one before ended.
select *
from (
    select
        person_key,
        entered_at,
        exited_at,
        is_current,
        lead(entered_at) over (partition by person_key order by entered_at asc, exited_at asc nulls last) as next_entered_at
    from {{ ref('fct_lead_stages') }}
) as spells
where
    exited_at < entered_at
    or (next_entered_at is not null and exited_at is distinct from next_entered_at)
    or is_current <> (exited_at is null)
