-- Every handoff has one verdict and stands in one month of each report.
with

counted as (

    select
        (select count(*) from {{ ref('fct_handoffs') }}) as handoffs,
        (select coalesce(sum(handoffs), 0) from {{ ref('rpt_sla_monthly') }}) as reported,
        (select coalesce(sum(met + breached + pending), 0) from {{ ref('rpt_sla_monthly') }}) as judged,
        (select coalesce(sum(delivered), 0) from {{ ref('rpt_lead_quality') }}) as delivered

)

select *
from counted
where
    handoffs <> reported
    or handoffs <> judged
    or handoffs <> delivered
