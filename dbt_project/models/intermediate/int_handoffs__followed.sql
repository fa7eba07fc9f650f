with

handoffs as (

    select
        *,
        cast({{ dbt.date_trunc('month', business_date('qualified_at')) }} as date) as month_start_date,
        coalesce(
            lead(qualified_at) over (partition by person_key order by qualified_at, entry_number),
            {{ as_of_end() }}
        ) as next_qualified_at
    from {{ ref('fct_handoffs') }}

),

-- An opportunity or a won deal stands under the person's last handoff before it.
opportunities as (

    select distinct handoffs.handoff_key
    from handoffs
    inner join {{ ref('fct_lead_stages') }} as spells
        on
            handoffs.person_key = spells.person_key
            and handoffs.qualified_at <= spells.entered_at
            and handoffs.next_qualified_at > spells.entered_at
    inner join {{ ref('lead_stages') }} as proposal
        on
            spells.stage_rank >= proposal.stage_rank
            and proposal.stage = 'proposal'

),

-- A deal with several people stands under its primary contact's handoff, else under the latest of the others'.
won_deals as (

    select
        handoffs.handoff_key,
        deals.amount,
        deals.amount_reporting,
        row_number() over (
            partition by deals.deal_key
            order by people.is_primary desc, handoffs.qualified_at desc, handoffs.handoff_key
        ) as place
    from handoffs
    inner join {{ ref('int_deals__resolved') }} as people
        on handoffs.person_key = people.person_key
    inner join {{ ref('fct_deals') }} as deals
        on
            people.deal_key = deals.deal_key
            and handoffs.qualified_at <= deals.closed_at
            and handoffs.next_qualified_at > deals.closed_at
    where deals.is_won

),

-- A refund takes revenue back and is nothing won.
won as (

    select
        handoff_key,
        max(case when amount < 0 then 0 else 1 end) as won,
        count(*) as won_deals,
        sum(amount_reporting) as revenue,
        sum(case when amount is not null and amount_reporting is null then 1 else 0 end) as unconverted_deals
    from won_deals
    where place = 1
    group by handoff_key

)

select
    {{ surrogate_key(['handoffs.month_start_date', 'handoffs.channel', 'handoffs.campaign_key']) }} as lead_quality_key,
    handoffs.handoff_key,
    handoffs.month_start_date,
    handoffs.channel,
    handoffs.campaign_key,
    coalesce(handoffs.segment, 'unsegmented') as segment,
    handoffs.decision,
    case when handoffs.decision = 'rejected' then coalesce(handoffs.rejection_reason, 'unstated') end as rejection_reason,
    case when handoffs.decision = 'accepted' then 1 else 0 end as accepted,
    case when handoffs.decision = 'rejected' then 1 else 0 end as rejected,
    case when handoffs.first_response_at is null and handoffs.verdict = 'breached' then 1 else 0 end as never_worked,
    case when opportunities.handoff_key is null then 0 else 1 end as opportunities,
    coalesce(won.won, 0) as won,
    coalesce(won.won_deals, 0) as won_deals,
    coalesce(won.revenue, 0) as revenue,
    coalesce(won.unconverted_deals, 0) as unconverted_deals
from handoffs
left join opportunities
    on handoffs.handoff_key = opportunities.handoff_key
left join won
    on handoffs.handoff_key = won.handoff_key
