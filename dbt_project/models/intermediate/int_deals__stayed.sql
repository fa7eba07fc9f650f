with

deals as (

    select * from {{ ref('fct_deals') }}

),

spells as (

    select
        spells.*,
        coalesce(lead_stages.is_exit or lead_stages.temperature = 'customer', false) as is_closing
    from {{ ref('fct_deal_stages') }} as spells
    left join {{ ref('lead_stages') }} as lead_stages
        on spells.stage = lead_stages.stage

),

spelled_deals as (

    select
        deal_key,
        bool_or(not is_closing) as was_open,
        max({{ business_date('entered_at') }}) as last_entered_date
    from spells
    group by deal_key

),

-- What a CRM says of the probability now is not what it said then, unless the deal still stands there.
stays as (

    select
        spells.deal_key,
        spells.stage,
        case when spells.is_current then deals.probability else stages.probability end as probability,
        {{ business_date('spells.entered_at') }} as first_day,
        coalesce({{ business_date('spells.exited_at') }}, {{ as_of_date() }} + 1) as day_after_last
    from spells
    inner join deals
        on spells.deal_key = deals.deal_key
    left join {{ ref('int_deal_stages__mapped') }} as stages
        on
            spells.source = stages.source
            and spells.crm_stage = stages.crm_stage
    where not spells.is_closing
    union all
    -- Nothing but its closing is known: open on that day only.
    select
        deals.deal_key,
        'accepted' as stage,
        cast(null as double) as probability,
        spelled_deals.last_entered_date as first_day,
        spelled_deals.last_entered_date + 1 as day_after_last
    from deals
    inner join spelled_deals
        on deals.deal_key = spelled_deals.deal_key
    where
        deals.is_closed
        and deals.created_at is null
        and not spelled_deals.was_open
    union all
    -- Nothing but that it is open is known: it is so today.
    select
        deals.deal_key,
        deals.stage,
        deals.probability,
        {{ as_of_date() }} as first_day,
        {{ as_of_date() }} + 1 as day_after_last
    from deals
    left join spelled_deals
        on deals.deal_key = spelled_deals.deal_key
    where
        not deals.is_closed
        and deals.deleted_at is null
        and spelled_deals.deal_key is null

),

amounts as (

    select
        deal_key,
        amount,
        {{ business_date('valid_from') }} as first_day,
        {{ business_date('valid_to') }} as day_after_last
    from {{ ref('int_deals__versioned') }}
    where property = 'amount'

),

owners as (

    select
        versions.deal_key,
        resolved.owner_key,
        {{ business_date('versions.valid_from') }} as first_day,
        {{ business_date('versions.valid_to') }} as day_after_last
    from {{ ref('int_deals__versioned') }} as versions
    inner join deals
        on versions.deal_key = deals.deal_key
    left join {{ ref('int_owners__resolved') }} as resolved
        on
            deals.source = resolved.source
            and versions.source_owner_id = resolved.source_owner_id
    where versions.property = 'owner'

),

-- A stay is cut where the amount or the owner changes, and where the calendar begins.
cut as (

    select
        stays.deal_key,
        owners.owner_key,
        stays.stage,
        stays.probability,
        amounts.amount,
        deals.currency,
        greatest(
            stays.first_day,
            coalesce(amounts.first_day, stays.first_day),
            coalesce(owners.first_day, stays.first_day),
            {{ calendar_start_date() }}
        ) as first_day,
        least(
            stays.day_after_last,
            coalesce(amounts.day_after_last, stays.day_after_last),
            coalesce(owners.day_after_last, stays.day_after_last)
        ) as day_after_last
    from stays
    inner join deals
        on stays.deal_key = deals.deal_key
    inner join amounts
        on stays.deal_key = amounts.deal_key
    inner join owners
        on stays.deal_key = owners.deal_key

)

select * from cut
where first_day < day_after_last
