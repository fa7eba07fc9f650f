-- A deal comes into the pipeline once, if only for an hour, and one that is deleted while open is told to have left it.
with

movements as (

    select
        deal_key,
        sum(case when movement = 'created' then 1 else 0 end) as created,
        sum(case when movement = 'removed' then 1 else 0 end) as removed
    from {{ ref('int_deals__moved') }}
    group by deal_key

)

select
    deals.deal_key,
    deals.created_at,
    deals.deleted_at,
    movements.created,
    movements.removed
from {{ ref('fct_deals') }} as deals
left join movements
    on deals.deal_key = movements.deal_key
where
    deals.created_at is not null
    and (
        coalesce(movements.created, 0) <> 1
        or coalesce(movements.removed, 0) <> case when deals.deleted_at is not null and not deals.is_closed then 1 else 0 end
    )
