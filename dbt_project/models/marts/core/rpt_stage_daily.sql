-- Where people stood at the end of each day: who entered a stage by then, less who left it.
with

spells as (

    select
        spells.stage,
        people.original_channel as channel,
        {{ business_date('spells.entered_at') }} as entered_date,
        {{ business_date('spells.exited_at') }} as exited_date
    from {{ ref('fct_lead_stages') }} as spells
    inner join {{ ref('dim_people') }} as people on spells.person_key = people.person_key

),

steps as (

    select entered_date as date_day, channel, stage, 1 as people
    from spells
    union all
    select exited_date, channel, stage, -1
    from spells
    where exited_date is not null

),

changes as (

    select date_day, channel, stage, sum(people) as people
    from steps
    group by date_day, channel, stage

),

levels as (

    select
        channel,
        stage,
        date_day as first_day,
        lead(date_day) over (partition by channel, stage order by date_day) as day_after_last,
        sum(people) over (
            partition by channel, stage order by date_day rows between unbounded preceding and current row
        ) as people
    from changes

)

-- A level stays until the next change, through days without any.
select
    days.date_day,
    levels.channel,
    levels.stage,
    cast(levels.people as bigint) as people
from levels
inner join {{ ref('dim_dates') }} as days
    on
        levels.first_day <= days.date_day
        and days.date_day < coalesce(levels.day_after_last, {{ as_of_date() }} + 1)
where levels.people > 0
