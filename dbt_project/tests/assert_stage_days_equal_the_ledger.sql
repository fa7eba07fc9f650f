-- Whoever stands in a stage when a month ends, or the last business day does, is counted there that day, and nobody else.
with

days as (

    select date_day
    from {{ ref('dim_dates') }}
    where date_day = {{ as_of_date() }} or (date_day < {{ as_of_date() }} and date_day = {{ dbt.last_day('date_day', 'month') }})

),

ledger as (

    select days.date_day, people.original_channel as channel, spells.stage, count(*) as people
    from days
    inner join {{ ref('fct_lead_stages') }} as spells
        on
            spells.entered_at < {{ business_day_start('days.date_day + 1') }}
            and (spells.exited_at is null or spells.exited_at >= {{ business_day_start('days.date_day + 1') }})
    inner join {{ ref('dim_people') }} as people on spells.person_key = people.person_key
    group by days.date_day, people.original_channel, spells.stage

),

told as (

    select daily.*
    from {{ ref('rpt_stage_daily') }} as daily
    inner join days on daily.date_day = days.date_day

)

select
    coalesce(ledger.date_day, told.date_day) as date_day,
    coalesce(ledger.channel, told.channel) as channel,
    coalesce(ledger.stage, told.stage) as stage,
    ledger.people as people_in_ledger,
    told.people
from ledger
full outer join told
    on ledger.date_day = told.date_day and ledger.channel = told.channel and ledger.stage = told.stage
where ledger.people is distinct from told.people
