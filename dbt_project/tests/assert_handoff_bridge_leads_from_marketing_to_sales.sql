-- Both ends are the other marts' own numbers, and the steps between make up what lies between, month by month and channel by channel.
with

ends as (

    select
        month_start_date,
        channel,
        sum(case when component = 'qualified_leads' then leads else 0 end) as qualified_leads,
        sum(case when component = 'handoffs' then leads else 0 end) as handoffs,
        sum(case when component <> 'handoffs' then leads else 0 end) as summed
    from {{ ref('rpt_handoff_bridge') }}
    group by month_start_date, channel

),

marketing as (

    select
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        channel,
        sum(qualified_leads) as qualified_leads
    from {{ ref('rpt_channel_performance') }}
    group by 1, 2
    having sum(qualified_leads) <> 0

),

sales as (

    select
        cast({{ dbt.date_trunc('month', business_date('qualified_at')) }} as date) as month_start_date,
        channel,
        count(*) as handoffs
    from {{ ref('fct_handoffs') }}
    group by 1, 2

)

select
    'rpt_channel_performance' as other_side,
    ends.month_start_date,
    ends.channel
from ends
full outer join marketing
    on
        ends.month_start_date = marketing.month_start_date
        and ends.channel = marketing.channel
where coalesce(ends.qualified_leads, 0) <> coalesce(marketing.qualified_leads, 0)
union all
select
    'fct_handoffs',
    ends.month_start_date,
    ends.channel
from ends
full outer join sales
    on
        ends.month_start_date = sales.month_start_date
        and ends.channel = sales.channel
where coalesce(ends.handoffs, 0) <> coalesce(sales.handoffs, 0)
union all
select
    'its own steps',
    month_start_date,
    channel
from ends
where handoffs <> summed
