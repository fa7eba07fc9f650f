-- Who reached a stage in which month, whenever they became leads.
with

reached as (

    select
        cast({{ dbt.date_trunc('month', business_date('reached_at')) }} as date) as month_start_date,
        cohort_month,
        channel,
        segment,
        stage
    from {{ ref('int_leads__followed') }}
    where reached_at is not null

)

select
    month_start_date,
    cohort_month,
    channel,
    segment,
    stage,
    count(*) as reached
from reached
group by month_start_date, cohort_month, channel, segment, stage
