with

people as (

    select * from {{ ref('dim_people') }}

),

qualified as (

    select
        person_key,
        converted_at
    from {{ ref('int_conversions__derived') }}
    where conversion_type = 'qualified'

),

handoffs as (

    select
        person_key,
        qualified_at,
        row_number() over (partition by person_key order by qualified_at, handoff_key) as handoff_number
    from {{ ref('fct_handoffs') }}

),

-- Each qualified lead and each handoff steps from one count to the other at most once.
steps as (

    select
        person_key,
        converted_at as counted_at,
        'qualified_leads' as component,
        1 as leads
    from qualified
    union all
    select
        qualified.person_key,
        qualified.converted_at,
        'not_handed_over',
        -1
    from qualified
    left join handoffs
        on
            qualified.person_key = handoffs.person_key
            and qualified.converted_at = handoffs.qualified_at
    where handoffs.person_key is null
    union all
    select
        handoffs.person_key,
        handoffs.qualified_at,
        case when handoffs.handoff_number = 1 then 'handed_over_late' else 'handed_over_again' end,
        1
    from handoffs
    left join qualified
        on
            handoffs.person_key = qualified.person_key
            and handoffs.qualified_at = qualified.converted_at
    where qualified.person_key is null
    union all
    select
        person_key,
        qualified_at,
        'handoffs',
        1
    from handoffs

),

counted as (

    select
        cast({{ dbt.date_trunc('month', business_date('steps.counted_at')) }} as date) as month_start_date,
        people.original_channel as channel,
        steps.component,
        sum(steps.leads) as leads
    from steps
    inner join people on steps.person_key = people.person_key
    group by 1, 2, 3

)

select
    {{ surrogate_key(['month_start_date', 'channel', 'component']) }} as handoff_bridge_key,
    month_start_date,
    channel,
    component,
    cast(leads as bigint) as leads
from counted
