-- What a deal was worth and whose it was, from when to when. Where the CRM keeps no history, what it tells now was always so.
with

deals as (

    select * from {{ ref('int_deals__told') }}

),

told as (

    select
        deal_key,
        'amount' as property,
        cast(amount as {{ dbt.type_string() }}) as value
    from deals
    union all
    select
        deal_key,
        'owner' as property,
        source_owner_id as value
    from deals

),

changes as (

    select
        {{ surrogate_key(["'hubspot'", 'deal_id']) }} as deal_key,
        case when property = 'amount' then 'amount' else 'owner' end as property,
        value,
        changed_at,
        row_number() over (partition by deal_id, property order by changed_at, value) as change_number,
        lead(changed_at) over (partition by deal_id, property order by changed_at, value) as next_changed_at
    from {{ ref('stg_hubspot__deal_history') }}
    where property in ('amount', 'hubspot_owner_id')

),

-- The first known value holds from the beginning; the last one is what the CRM tells now.
versions as (

    select
        told.deal_key,
        told.property,
        case when changes.next_changed_at is null then told.value else changes.value end as value,
        case when changes.change_number > 1 then changes.changed_at end as valid_from,
        case when changes.next_changed_at < {{ as_of_end() }} then changes.next_changed_at end as valid_to
    from told
    left join changes
        on
            told.deal_key = changes.deal_key
            and told.property = changes.property

)

select
    deal_key,
    property,
    case when property = 'amount' then {{ dbt.safe_cast('value', 'decimal(18, 2)') }} end as amount,
    case when property = 'owner' then nullif(trim(value), '') end as source_owner_id,
    valid_from,
    valid_to
from versions
where
    valid_from < {{ as_of_end() }}
    or valid_from is null
