-- A deal that is open tonight is in tonight's pipeline, whether or not it ever changed; deleted ones are not. The only
-- other deals in it are those known by nothing but a closing on this very day.
with

pipeline as (

    select coalesce(sum(deals), 0) as deals
    from {{ ref('rpt_pipeline') }}
    where as_of_date = {{ as_of_date() }}

),

open_deals as (

    select count(*) as deals
    from {{ ref('fct_deals') }} as deals
    left join (
        select
            deal_key,
            min(entered_at) as first_entered_at
        from {{ ref('fct_deal_stages') }}
        group by deal_key
    ) as spells
        on deals.deal_key = spells.deal_key
    where
        (not deals.is_closed and deals.deleted_at is null)
        or (
            deals.is_closed
            and deals.created_at is null
            and deals.closed_date = {{ as_of_date() }}
            and coalesce(spells.first_entered_at >= deals.closed_at, true)
        )

)

select
    pipeline.deals as deals_in_pipeline,
    open_deals.deals as open_deals
from pipeline
cross join open_deals
where pipeline.deals <> open_deals.deals
