-- Every stay is one transition, and the time between a person's first and last entry is that spent in the stages left.
with

told as (

    select sum(transitions) as transitions, sum(total_seconds) as total_seconds
    from {{ ref('rpt_stage_transitions') }}

),

people as (

    select
        count(*) as spells,
        {{ dbt.datediff('min(entered_at)', 'max(entered_at)', 'second') }} as seconds
    from {{ ref('fct_lead_stages') }}
    group by person_key

),

ledger as (

    select sum(spells) as transitions, sum(seconds) as total_seconds
    from people

)

select *
from told
cross join ledger
where
    coalesce(told.transitions, 0) <> coalesce(ledger.transitions, 0)
    or coalesce(told.total_seconds, 0) <> coalesce(ledger.total_seconds, 0)
