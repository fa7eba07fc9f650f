-- What the teams argue over is all there is: every handoff, decision, won deal and amount stands in the report once.
with

totals as (

    select
        coalesce(sum(delivered), 0) as delivered,
        coalesce(sum(accepted), 0) as accepted,
        coalesce(sum(rejected), 0) as rejected,
        coalesce(sum(opportunities), 0) as opportunities,
        coalesce(sum(won), 0) as won,
        coalesce(sum(won_deals), 0) as won_deals,
        coalesce(sum(revenue), 0) as revenue,
        coalesce(sum(unconverted_deals), 0) as unconverted_deals,
        coalesce(sum(cost), 0) as cost
    from {{ ref('rpt_lead_quality') }}

),

handoffs as (

    select
        count(*) as delivered,
        coalesce(sum(case when decision = 'accepted' then 1 else 0 end), 0) as accepted,
        coalesce(sum(case when decision = 'rejected' then 1 else 0 end), 0) as rejected
    from {{ ref('fct_handoffs') }}

),

spend as (

    select coalesce(sum(spend_reporting), 0) as cost
    from {{ ref('fct_spend') }}

),

disagreements as (

    select coalesce(sum(case when disagreement = 'rejected' then 1 else 0 end), 0) as rejected
    from {{ ref('rpt_disagreements') }}

),

first_handoffs as (

    select
        person_key,
        min(qualified_at) as handed_over_at
    from {{ ref('fct_handoffs') }}
    group by person_key

),

first_handoffs_of_deals as (

    select
        people.deal_key,
        min(first_handoffs.handed_over_at) as handed_over_at
    from {{ ref('int_deals__resolved') }} as people
    inner join first_handoffs
        on people.person_key = first_handoffs.person_key
    group by people.deal_key

),

won as (

    select
        first_handoffs.handed_over_at is not null as is_handed_over,
        deals.amount_reporting,
        case when deals.amount is not null and deals.amount_reporting is null then 1 else 0 end as unconverted_deals
    from {{ ref('fct_deals') }} as deals
    left join first_handoffs_of_deals as first_handoffs
        on
            deals.deal_key = first_handoffs.deal_key
            and deals.closed_at >= first_handoffs.handed_over_at
    where
        deals.is_won
        and deals.closed_date is not null

),

-- Deals of nobody, of people never handed over, and those won before any of theirs was.
beside as (

    select
        count(*) as won_deals,
        coalesce(sum(amount_reporting), 0) as revenue,
        coalesce(sum(unconverted_deals), 0) as unconverted_deals
    from won
    where not is_handed_over

),

all_won as (

    select
        coalesce(sum(deals), 0) as won_deals,
        coalesce(sum(revenue), 0) as revenue,
        coalesce(sum(unconverted_deals), 0) as unconverted_deals
    from {{ ref('rpt_revenue_monthly') }}

)

select
    totals.*,
    handoffs.delivered as handoffs,
    beside.revenue as revenue_beside,
    all_won.revenue as all_revenue,
    spend.cost as spend
from totals
cross join handoffs
cross join spend
cross join disagreements
cross join beside
cross join all_won
where
    totals.delivered <> handoffs.delivered
    or totals.accepted <> handoffs.accepted
    or totals.rejected <> handoffs.rejected
    or totals.rejected <> disagreements.rejected
    or totals.cost <> spend.cost
    or totals.opportunities > totals.delivered
    or totals.won > totals.delivered
    or totals.won > totals.won_deals
    or totals.won_deals + beside.won_deals <> all_won.won_deals
    or totals.revenue + beside.revenue <> all_won.revenue
    or totals.unconverted_deals + beside.unconverted_deals <> all_won.unconverted_deals
