-- Handoffs by the month of being qualified, with what sales did; and of each that sales rejected, its part of what its
-- campaign cost in that month.
with

handoffs as (

    select
        followed.month_start_date, followed.channel, followed.lead_quality_key, followed.campaign_key,
        followed.accepted, followed.rejected, followed.never_worked, followed.opportunities, followed.won,
        followed.revenue, handoff_key, person_key, qualified_at as moment, sla_version, due_at, first_response_at, verdict, handoffs.decision, followed.rejection_reason
    from build.intermediate.int_handoffs__followed as followed
    inner join build.alignment.fct_handoffs as handoffs using (handoff_key)

),

spend as (

    select
        date_trunc('month', activity_date)::date as month_start_date, channel, campaign_key,
        sum(spend_reporting) as campaign_cost, bool_or(spend_reporting is null and spend <> 0) as is_unconverted
    from build.marketing.fct_spend
    group by all

),

-- The rejected first, so that the parts of all that are numbered up to one make what those cost.
numbered as (

    select
        *,
        count(*) over (partition by lead_quality_key) as campaign_handoffs,
        row_number() over (partition by lead_quality_key order by rejected desc, moment, handoff_key) as place
    from handoffs

)

select
    numbered.month_start_date, numbered.channel,
    round((campaign_cost * place / campaign_handoffs)::decimal(38, 8), 2)
    - round((campaign_cost * (place - 1) / campaign_handoffs)::decimal(38, 8), 2) as cost_of_rejected,
    campaign_cost, campaign_handoffs, rejection_reason, handoff_key, person_key, moment, numbered.campaign_key,
    lead_quality_key
from numbered
inner join spend
    on numbered.month_start_date = spend.month_start_date and numbered.channel = spend.channel
    and numbered.campaign_key is not distinct from spend.campaign_key
where rejected = 1 and not is_unconverted
union all by name
select
    month_start_date, channel, 1 as delivered, accepted, rejected, never_worked, opportunities, won, revenue,
    handoff_key, person_key, moment, sla_version, due_at, first_response_at, verdict, decision, rejection_reason
from handoffs
