-- What the teams argue over is all there is: every decision and every amount spent stand in the report.
with

totals as (

    select
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(cost) as cost
    from {{ ref('rpt_lead_quality') }}

),

handoffs as (

    select
        sum(case when decision = 'accepted' then 1 else 0 end) as accepted,
        sum(case when decision = 'rejected' then 1 else 0 end) as rejected
    from {{ ref('fct_handoffs') }}

),

spend as (

    select sum(spend_reporting) as cost
    from {{ ref('fct_spend') }}

),

disagreements as (

    select sum(case when disagreement = 'rejected' then 1 else 0 end) as rejected
    from {{ ref('rpt_disagreements') }}

)

select
    totals.*,
    handoffs.accepted as accepted_handoffs,
    handoffs.rejected as rejected_handoffs,
    spend.cost as spend
from totals
cross join handoffs
cross join spend
cross join disagreements
where
    coalesce(totals.accepted, 0) <> coalesce(handoffs.accepted, 0)
    or coalesce(totals.rejected, 0) <> coalesce(handoffs.rejected, 0)
    or coalesce(totals.rejected, 0) <> coalesce(disagreements.rejected, 0)
    or coalesce(totals.cost, 0) <> coalesce(spend.cost, 0)
