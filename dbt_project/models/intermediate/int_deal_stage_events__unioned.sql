with

stages as (

    select * from {{ ref('int_deal_stages__mapped') }}

),

changes as (

    select
        'hubspot' as source,
        deal_id as source_deal_id,
        value as crm_stage,
        changed_at
    from {{ ref('stg_hubspot__deal_history') }}
    where property = 'dealstage'
    union all
    select
        'files' as source,
        deal_id as source_deal_id,
        stage as crm_stage,
        changed_at
    from {{ ref('stg_files__deal_stage_changes') }}

),

recorded as (

    select
        {{ surrogate_key(['changes.source', 'changes.source_deal_id']) }} as deal_key,
        changes.source,
        changes.crm_stage,
        stages.stage,
        changes.changed_at,
        row_number() over (
            partition by changes.source, changes.source_deal_id
            order by changes.changed_at desc, stages.stage_order desc nulls last, changes.crm_stage desc
        ) as place_from_last
    from changes
    inner join stages
        on
            changes.source = stages.source
            and changes.crm_stage = stages.crm_stage
    where changes.changed_at < {{ as_of_end() }}

),

ever_recorded as (

    select distinct {{ surrogate_key(['source', 'source_deal_id']) }} as deal_key
    from changes

),

-- What the deal's own row tells and no recorded change does: in what stage an unrecorded deal was born or how it closed.
-- In the files `is_won` outranks the stage, so there it also has the last word over recorded changes.
told as (

    select
        deals.deal_key,
        deals.source,
        deals.crm_stage,
        deals.stage,
        case
            when deals.is_closed
                then greatest(coalesce(deals.closed_at, recorded.changed_at, deals.created_at), recorded.changed_at)
            else deals.created_at
        end as changed_at
    from {{ ref('int_deals__told') }} as deals
    left join recorded
        on
            deals.deal_key = recorded.deal_key
            and recorded.place_from_last = 1
    left join ever_recorded
        on deals.deal_key = ever_recorded.deal_key
    where
        ever_recorded.deal_key is null
        or (deals.source = 'files' and deals.is_closed and deals.stage <> coalesce(recorded.stage, ''))

),

unioned as (

    select
        deal_key,
        crm_stage,
        stage,
        changed_at,
        source,
        false as is_told
    from recorded
    union all
    select
        deal_key,
        crm_stage,
        stage,
        changed_at,
        source,
        true as is_told
    from told
    where changed_at < {{ as_of_end() }}

)

select
    unioned.*,
    row_number() over (
        partition by unioned.deal_key
        order by
            unioned.changed_at,
            unioned.is_told,
            case when lead_stages.is_exit then 99 else lead_stages.stage_rank end nulls first,
            unioned.crm_stage
    ) as event_number
from unioned
left join {{ ref('lead_stages') }} as lead_stages
    on unioned.stage = lead_stages.stage
