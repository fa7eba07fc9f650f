with

spend as (

    select
        *,
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date
    from {{ ref('fct_spend') }}

),

campaigns as (

    select * from {{ ref('int_campaigns__unioned') }}

),

leads as (

    select
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        campaign_key,
        sum(leads) as leads
    from {{ ref('int_performance__unioned') }}
    where leads > 0
    group by 1, campaign_key

),

-- The first that is true names the component. Only the days without a rate are unconverted; the rest of a campaign's
-- month falls into one of the others as a whole.
placed as (

    select
        spend.*,
        case
            when spend.spend_reporting is null and spend.spend <> 0 then 'unconverted'
            when spend.is_offline then 'offline'
            when campaigns.status = 'unknown' or spend.channel = 'other' then 'unmapped'
            when leads.leads > 0 then 'with_leads'
            else 'without_leads'
        end as component
    from spend
    left join campaigns
        on campaigns.campaign_key = spend.campaign_key
    left join leads
        on
            leads.campaign_key = spend.campaign_key
            and leads.month_start_date = spend.month_start_date

),

components as (

    select
        month_start_date,
        component,
        '{{ var("reporting_currency") }}' as currency,
        sum(spend_reporting) as amount,
        count(distinct campaign_key) as campaigns
    from placed
    where component <> 'unconverted'
    group by month_start_date, component
    union all
    select
        month_start_date,
        component,
        currency,
        sum(spend) as amount,
        count(distinct campaign_key) as campaigns
    from placed
    where component = 'unconverted'
    group by month_start_date, component, currency

),

totals as (

    select
        month_start_date,
        'total' as component,
        '{{ var("reporting_currency") }}' as currency,
        sum(coalesce(spend_reporting, 0)) as amount,
        count(distinct campaign_key) as campaigns
    from spend
    group by month_start_date

),

-- A component without spend is told as 0, so that every month reads alike.
expected as (

    select
        totals.month_start_date,
        names.component,
        totals.currency
    from totals
    cross join (
        select 'with_leads' as component
        union all
        select 'without_leads' as component
        union all
        select 'unmapped' as component
        union all
        select 'offline' as component
    ) as names

),

filled as (

    select
        expected.month_start_date,
        expected.component,
        expected.currency,
        coalesce(components.amount, 0) as amount,
        coalesce(components.campaigns, 0) as campaigns
    from expected
    left join components
        on
            components.month_start_date = expected.month_start_date
            and components.component = expected.component
    union all
    select * from components
    where component = 'unconverted'
    union all
    select * from totals

)

select
    {{ surrogate_key(['month_start_date', 'component', 'currency']) }} as spend_bridge_key,
    month_start_date,
    component,
    currency,
    cast(amount as decimal(18, 2)) as amount,
    cast(campaigns as bigint) as campaigns
from filled
