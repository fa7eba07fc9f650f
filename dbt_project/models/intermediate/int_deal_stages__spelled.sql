with

deals as (

    select * from {{ ref('int_deals__unioned') }}

),

lead_stages as (

    select * from {{ ref('lead_stages') }}

),

events as (

    select
        events.deal_key,
        events.source,
        events.crm_stage,
        events.stage,
        events.changed_at,
        events.event_number,
        events.is_told and not coalesce(lead_stages.is_exit or lead_stages.temperature = 'customer', false) as is_inferred
    from {{ ref('int_deal_stage_events__unioned') }} as events
    inner join deals
        on events.deal_key = deals.deal_key
    left join lead_stages
        on events.stage = lead_stages.stage

),

-- A deal that existed before its first known change stood where every deal begins.
births as (

    select
        deals.deal_key,
        deals.source,
        cast(null as {{ dbt.type_string() }}) as crm_stage,
        'accepted' as stage,
        deals.created_at as changed_at,
        cast(0 as bigint) as event_number,
        true as is_inferred
    from deals
    left join events
        on
            deals.deal_key = events.deal_key
            and events.event_number = 1
    where
        deals.created_at < events.changed_at
        or (deals.created_at is not null and events.deal_key is null)

),

entered as (

    select
        *,
        lag(stage) over (partition by deal_key order by event_number) as stage_before
    from (
        select * from events
        union all
        select * from births
    ) as unioned

),

-- Consecutive events of one stage are one spell.
numbered as (

    select
        *,
        row_number() over (partition by deal_key order by event_number) as spell_number,
        lead(changed_at) over (partition by deal_key order by event_number) as next_entered_at
    from entered
    where stage_before is null or stage_before <> stage

),

-- A deleted deal stands nowhere any more.
bounded as (

    select
        numbered.*,
        lead_stages.stage_rank,
        lead_stages.temperature,
        lead_stages.owned_by,
        coalesce(lead_stages.is_exit, false) as is_exit,
        coalesce(
            numbered.next_entered_at,
            case when deals.deleted_at is not null then greatest(deals.deleted_at, numbered.changed_at) end
        ) as exited_at
    from numbered
    inner join deals
        on numbered.deal_key = deals.deal_key
    left join lead_stages
        on numbered.stage = lead_stages.stage

),

compared as (

    select
        *,
        lag(stage_rank) over (partition by deal_key order by spell_number) as previous_rank,
        lag(is_exit) over (partition by deal_key order by spell_number) as was_exit,
        row_number() over (partition by deal_key, stage order by spell_number) as entry_number
    from bounded

)

select
    {{ surrogate_key(['deal_key', 'stage', 'changed_at']) }} as deal_stage_key,
    deal_key,
    source,
    crm_stage,
    stage,
    stage_rank,
    temperature,
    owned_by,
    changed_at as entered_at,
    exited_at,
    cast({{ dbt.datediff('changed_at', 'exited_at', 'second') }} as bigint) as duration_seconds,
    stage_before as previous_stage,
    case
        when stage_before is null then 'initial'
        when is_exit then 'exit'
        when was_exit then 'recycled'
        when stage_rank is null or previous_rank is null then 'unknown'
        when stage_rank < previous_rank then 'backward'
        when stage_rank = previous_rank + 1 then 'forward'
        else 'skip'
    end as movement,
    cast(
        case
            when is_exit or was_exit then 0
            else greatest(stage_rank - previous_rank - 1, 0)
        end as integer
    ) as skipped_stages,
    cast(entry_number as integer) as entry_number,
    exited_at is null as is_current,
    is_inferred
from compared
