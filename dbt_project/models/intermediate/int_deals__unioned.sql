with

stages as (

    select * from {{ ref('int_deal_stages__mapped') }}

),

-- A deal is not known before it is entered, however early it closed; only one without a creation is known by its closing.
told as (

    select
        deals.*,
        least(
            deals.created_at,
            first_changes.changed_at,
            case when deals.created_at is null and deals.is_closed then deals.closed_at end
        ) as first_known_at
    from {{ ref('int_deals__told') }} as deals
    left join (
        select
            deal_id,
            min(changed_at) as changed_at
        from {{ ref('stg_files__deal_stage_changes') }}
        group by deal_id
    ) as first_changes
        on
            deals.source_deal_id = first_changes.deal_id
            and deals.source = 'files'

),

versions as (

    select
        deal_key,
        max(amount) as amount,
        max(source_owner_id) as source_owner_id
    from {{ ref('int_deals__versioned') }}
    where valid_to is null
    group by deal_key

),

last_events as (

    select
        deal_key,
        crm_stage,
        stage,
        changed_at
    from (
        select
            *,
            row_number() over (partition by deal_key order by event_number desc) as place_from_last
        from {{ ref('int_deal_stage_events__unioned') }}
    ) as numbered
    where place_from_last = 1

),

-- The last event known at the end of the business day is the deal's stage. Before the first one a deal stands where
-- every deal begins; a deal without any time stands where its CRM says.
standing as (

    select
        told.*,
        versions.amount as amount_then,
        versions.source_owner_id as source_owner_id_then,
        last_events.changed_at as last_changed_at,
        case
            when last_events.deal_key is not null then last_events.crm_stage
            when told.first_known_at is null then told.crm_stage
        end as crm_stage_then,
        case
            when last_events.deal_key is not null then last_events.stage
            when told.first_known_at is null then told.stage
            else 'accepted'
        end as stage_then
    from told
    left join versions
        on told.deal_key = versions.deal_key
    left join last_events
        on told.deal_key = last_events.deal_key
    where
        told.first_known_at < {{ as_of_end() }}
        or told.first_known_at is null

),

known as (

    select
        standing.*,
        standing.stage_then = 'customer' as is_won_then,
        standing.stage_then = 'customer' or coalesce(lead_stages.is_exit, false) as is_closed_then,
        stages.probability as stage_probability
    from standing
    left join {{ ref('lead_stages') }} as lead_stages
        on standing.stage_then = lead_stages.stage
    left join stages
        on
            standing.source = stages.source
            and standing.crm_stage_then = stages.crm_stage

)

select
    deal_key,
    source,
    source_deal_id,
    source_company_id,
    company_name,
    source_owner_id_then as source_owner_id,
    amount_then as amount,
    currency,
    crm_stage_then as crm_stage,
    stage_then as stage,
    cast(
        case
            when is_won_then then 1
            when is_closed_then then 0
            when crm_stage_then is not distinct from crm_stage then coalesce(probability, stage_probability)
            else coalesce(stage_probability, case when not is_closed then probability end)
        end as double
    ) as probability,
    deal_type,
    created_at,
    case
        when is_closed_then
            then coalesce(
                case when closed_at >= {{ calendar_start() }} and closed_at < {{ as_of_end() }} then closed_at end,
                case when last_changed_at >= {{ calendar_start() }} then last_changed_at end
            )
    end as closed_at,
    close_date_expected_at,
    is_won_then as is_won,
    is_closed_then as is_closed,
    is_referral,
    case when is_closed_then and not is_won_then then loss_reason end as loss_reason,
    first_known_at,
    case when deleted_at < {{ as_of_end() }} then deleted_at end as deleted_at
from known
