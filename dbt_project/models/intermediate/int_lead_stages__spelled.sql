-- One row per stay of a person in a stage: consecutive events of one stage are one stay.
with

moves as (

    select
        *,
        lag(stage) over (partition by person_key order by event_number) as stage_before
    from {{ ref('int_lead_stages__moved') }}

),

numbered as (

    select
        *,
        sum(case when stage = stage_before then 0 else 1 end) over (
            partition by person_key order by event_number rows between unbounded preceding and current row
        ) as spell_number
    from moves

),

spells as (

    select
        person_key,
        spell_number,
        stage,
        stage_rank,
        is_exit,
        min(occurred_at) as entered_at,
        min_by(source, event_number) as source,
        min_by(kind, event_number) = 'inferred' as is_inferred,
        max(reason) as reason
    from numbered
    group by person_key, spell_number, stage, stage_rank, is_exit

),

placed as (

    select
        *,
        lead(entered_at) over (partition by person_key order by spell_number) as next_entered_at,
        lag(stage) over (partition by person_key order by spell_number) as previous_stage,
        lag(stage_rank) over (partition by person_key order by spell_number) as previous_rank,
        lag(is_exit) over (partition by person_key order by spell_number) as was_exit,
        row_number() over (partition by person_key, stage order by spell_number) as entry_number
    from spells

),

closed as (

    select
        placed.*,
        -- A deleted person stands nowhere any more.
        coalesce(
            placed.next_entered_at,
            case when people.deleted_at is not null then greatest(people.deleted_at, placed.entered_at) end
        ) as exited_at
    from placed
    inner join {{ ref('int_people__merged') }} as people on placed.person_key = people.person_key

),

classified as (

    select
        {{ surrogate_key(['person_key', 'stage', 'entered_at']) }} as lead_stage_key,
        person_key,
        spell_number,
        stage,
        stage_rank,
        entered_at,
        exited_at,
        {{ dbt.datediff('entered_at', 'exited_at', 'second') }} as duration_seconds,
        previous_stage,
        case
            when previous_stage is null then 'initial'
            when is_exit then 'exit'
            when was_exit then 'recycled'
            when coalesce(stage_rank, 0) < coalesce(previous_rank, 0) then 'backward'
            when coalesce(stage_rank, 0) = coalesce(previous_rank, 0) + 1 then 'forward'
            else 'skip'
        end as movement,
        case
            when is_exit or was_exit or previous_rank is null then 0
            else greatest(coalesce(stage_rank, 0) - previous_rank - 1, 0)
        end as skipped_stages,
        entry_number,
        exited_at is null as is_current,
        is_inferred,
        source,
        reason
    from closed

)

select * from classified
