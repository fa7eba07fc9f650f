-- The deal and its history are told in two tables: they must agree on where it stands now, and stays must not overlap.
with

spells as (

    select
        *,
        lead(entered_at) over (partition by deal_key order by entered_at, exited_at nulls last) as next_entered_at
    from {{ ref('fct_deal_stages') }}

)

select
    spells.deal_key,
    spells.stage,
    spells.entered_at,
    spells.exited_at
from spells
inner join {{ ref('fct_deals') }} as deals
    on spells.deal_key = deals.deal_key
where
    (spells.is_current and spells.stage <> deals.stage)
    or spells.exited_at < spells.entered_at
    or spells.exited_at > spells.next_entered_at
