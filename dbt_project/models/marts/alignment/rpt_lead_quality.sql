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

won as (

    select
        handoffs.handoff_key,
        count(*) as won_deals,
        sum(deals.amount_reporting) as revenue
    from handoffs
    inner join {{ ref('fct_deals') }} as deals
        on
            handoffs.person_key = deals.person_key
            and handoffs.qualified_at <= deals.closed_at
            and handoffs.next_qualified_at > deals.closed_at
    where deals.is_won
    group by handoffs.handoff_key

),

judged as (

    select
        handoffs.month_start_date,
        handoffs.channel,
        handoffs.campaign_key,
        count(*) as delivered,
        sum(case when handoffs.decision = 'accepted' then 1 else 0 end) as accepted,
        sum(case when handoffs.decision = 'rejected' then 1 else 0 end) as rejected,
        sum(case when handoffs.first_response_at is null and handoffs.verdict = 'breached' then 1 else 0 end) as never_worked,
        count(opportunities.handoff_key) as opportunities,
        coalesce(sum(won.won_deals), 0) as won,
        coalesce(sum(won.revenue), 0) as revenue
    from handoffs
    left join opportunities
        on handoffs.handoff_key = opportunities.handoff_key
    left join won
        on handoffs.handoff_key = won.handoff_key
    group by handoffs.month_start_date, handoffs.channel, handoffs.campaign_key

),

reasons as (

    select
        month_start_date,
        channel,
        campaign_key,
        rejection_reason,
        row_number() over (
            partition by month_start_date, channel, campaign_key
            order by count(*) desc, rejection_reason
        ) as place
    from handoffs
    where rejection_reason is not null
    group by month_start_date, channel, campaign_key, rejection_reason

),

spend as (

    select
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        channel,
        campaign_key,
        sum(spend_reporting) as cost
    from {{ ref('fct_spend') }}
    group by cast({{ dbt.date_trunc('month', 'activity_date') }} as date), channel, campaign_key

),

unioned as (

    select
        month_start_date,
        channel,
        campaign_key,
        delivered,
        accepted,
        rejected,
        never_worked,
        opportunities,
        won,
        revenue,
        cast(0 as decimal(18, 2)) as cost
    from judged
    union all
    select
        month_start_date,
        channel,
        campaign_key,
        0 as delivered,
        0 as accepted,
        0 as rejected,
        0 as never_worked,
        0 as opportunities,
        0 as won,
        cast(0 as decimal(18, 2)) as revenue,
        cost
    from spend

),

combined as (

    select
        month_start_date,
        channel,
        campaign_key,
        sum(delivered) as delivered,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(never_worked) as never_worked,
        sum(opportunities) as opportunities,
        sum(won) as won,
        sum(revenue) as revenue,
        coalesce(sum(cost), 0) as cost
    from unioned
    group by month_start_date, channel, campaign_key

)

select
    {{ surrogate_key(['combined.month_start_date', 'combined.channel', 'combined.campaign_key']) }} as lead_quality_key,
    combined.month_start_date,
    combined.channel,
    combined.campaign_key,
    cast(combined.delivered as bigint) as delivered,
    cast(combined.accepted as bigint) as accepted,
    cast(combined.rejected as bigint) as rejected,
    cast(combined.never_worked as bigint) as never_worked,
    cast(combined.opportunities as bigint) as opportunities,
    cast(combined.won as bigint) as won,
    cast(combined.revenue as decimal(18, 2)) as revenue,
    cast(combined.cost as decimal(18, 2)) as cost,
    cast(
        round(combined.cost * combined.rejected / nullif(combined.delivered, 0), 2) as decimal(18, 2)
    ) as cost_of_rejected,
    reasons.rejection_reason as top_rejection_reason
from combined
left join reasons
    on
        combined.month_start_date = reasons.month_start_date
        and coalesce(combined.channel, '') = coalesce(reasons.channel, '')
        and coalesce(combined.campaign_key, '') = coalesce(reasons.campaign_key, '')
        and reasons.place = 1
