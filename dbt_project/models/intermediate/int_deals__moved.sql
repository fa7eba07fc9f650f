-- What changed in the pipeline between the end of one day and the end of the next, deal by deal.
with

deals as (

    select * from {{ ref('fct_deals') }}

),

spells as (

    select
        spells.*,
        lead_stages.temperature = 'customer' as is_won,
        coalesce(lead_stages.is_exit or lead_stages.temperature = 'customer', false) as is_closing,
        row_number() over (partition by spells.deal_key order by spells.entered_at desc, spells.exited_at desc nulls first)
            as place_from_last
    from {{ ref('fct_deal_stages') }} as spells
    left join {{ ref('lead_stages') }} as lead_stages
        on spells.stage = lead_stages.stage

),

states as (

    select
        deal_key,
        'open' as state,
        stage,
        owner_key,
        amount,
        cast(null as bigint) as open_spells,
        first_day,
        day_after_last
    from {{ ref('int_deals__stayed') }}
    union all
    select
        spells.deal_key,
        case when spells.is_won then 'won' else 'lost' end as state,
        case when spells.previous_rank is null then 'accepted' else spells.previous_stage end as stage,
        deals.owner_key,
        cast(null as decimal(18, 2)) as amount,
        spells.open_spells,
        {{ business_date('spells.entered_at') }} as first_day,
        coalesce({{ business_date('spells.exited_at') }}, {{ as_of_date() }} + 1) as day_after_last
    from (
        select
            spells.*,
            case when lead_stages.temperature <> 'customer' then lead_stages.stage_rank end as previous_rank,
            sum(case when spells.is_closing then 0 else 1 end) over (
                partition by spells.deal_key order by spells.entered_at, spells.exited_at nulls last
            ) as open_spells
        from spells
        left join {{ ref('lead_stages') }} as lead_stages
            on spells.previous_stage = lead_stages.stage
    ) as spells
    inner join deals
        on spells.deal_key = deals.deal_key
    where
        spells.is_closing
        and (
            spells.place_from_last = 1
            or {{ business_date('spells.entered_at') }} < {{ business_date('spells.exited_at') }}
        )
    union all
    -- The last spell of a deal that was deleted while open ends with it.
    select
        spells.deal_key,
        'removed' as state,
        spells.stage,
        deals.owner_key,
        cast(null as decimal(18, 2)) as amount,
        cast(null as bigint) as open_spells,
        {{ business_date('spells.exited_at') }} as first_day,
        {{ as_of_date() }} + 1 as day_after_last
    from spells
    inner join deals
        on spells.deal_key = deals.deal_key
    where
        spells.place_from_last = 1
        and not spells.is_closing
        and spells.exited_at is not null

),

in_order as (

    select
        *,
        lag(state) over (partition by deal_key order by first_day, day_after_last, state <> 'open') as state_before,
        lag(stage) over (partition by deal_key order by first_day, day_after_last, state <> 'open') as stage_before,
        lag(owner_key) over (partition by deal_key order by first_day, day_after_last, state <> 'open') as owner_key_before,
        lag(amount) over (partition by deal_key order by first_day, day_after_last, state <> 'open') as amount_before,
        lag(open_spells) over (partition by deal_key order by first_day, day_after_last, state <> 'open') as open_spells_before,
        lag(day_after_last) over (partition by deal_key order by first_day, day_after_last, state <> 'open') as day_after_before
    from states

),

-- Closed and closed again in the same way is one closing, unless the deal was open in between, be it for minutes.
steps as (

    select
        deal_key,
        greatest(
            first_day, coalesce(day_after_before, first_day), {{ calendar_start_date() }}
        ) as moved_on,
        state_before,
        stage_before,
        owner_key_before,
        amount_before,
        state,
        stage,
        owner_key,
        amount,
        lead(state) over (partition by deal_key order by first_day, day_after_last, state <> 'open') is null as is_last
    from in_order
    where
        state is distinct from case when state_before <> 'open' then state_before end
        or open_spells > open_spells_before

),

-- A deal that stands closed in the end is worth what it is booked at.
valued as (

    select
        steps.*,
        coalesce({{ in_reporting_currency('steps.amount_before', 'fx_rates.fx_rate') }}, 0) as value_before,
        case
            when steps.state = 'removed' or (steps.state <> 'open' and not steps.is_last)
                then coalesce({{ in_reporting_currency('coalesce(steps.amount_before, deals.amount)', 'fx_rates.fx_rate') }}, 0)
            when steps.state <> 'open' then coalesce(deals.amount_reporting, 0)
            else coalesce({{ in_reporting_currency('steps.amount', 'fx_rates.fx_rate') }}, 0)
        end as value_after
    from steps
    inner join deals
        on steps.deal_key = deals.deal_key
    left join {{ ref('int_fx_rates__daily') }} as fx_rates
        on
            deals.currency = fx_rates.currency
            and steps.moved_on = fx_rates.rate_date
    where steps.moved_on <= {{ as_of_date() }}

),

movements as (

    -- What comes and goes within a day is told to have come.
    select
        deal_key,
        moved_on,
        stage,
        owner_key,
        case when state_before is null then 'created' else 'reopened' end as movement,
        value_after as amount_reporting
    from valued
    where coalesce(state_before, '') <> 'open'
    union all
    select
        deal_key,
        moved_on,
        stage_before as stage,
        owner_key_before as owner_key,
        'amount_changed' as movement,
        value_after - value_before as amount_reporting
    from valued
    where
        state_before = 'open'
        and value_after <> value_before
    union all
    select
        deal_key,
        moved_on,
        stage_before as stage,
        owner_key_before as owner_key,
        'moved_out' as movement,
        value_after as amount_reporting
    from valued
    where
        state_before = 'open'
        and state = 'open'
        and (stage_before <> stage or owner_key_before is distinct from owner_key)
    union all
    select
        deal_key,
        moved_on,
        stage,
        owner_key,
        'moved_in' as movement,
        value_after as amount_reporting
    from valued
    where
        state_before = 'open'
        and state = 'open'
        and (stage_before <> stage or owner_key_before is distinct from owner_key)
    union all
    select
        deal_key,
        moved_on,
        case when state_before = 'open' then stage_before else stage end as stage,
        case when state_before = 'open' then owner_key_before else owner_key end as owner_key,
        state as movement,
        value_after as amount_reporting
    from valued
    where state <> 'open'

)

select * from movements
