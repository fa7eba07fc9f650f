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
            spells.deal_key,
            max(spells.entered_at) as last_entered_at,
            bool_or(not lead_stages.is_exit and lead_stages.temperature <> 'customer') as was_open
        from {{ ref('fct_deal_stages') }} as spells
        inner join {{ ref('lead_stages') }} as lead_stages
            on spells.stage = lead_stages.stage
        group by spells.deal_key
    ) as spells
        on deals.deal_key = spells.deal_key
    where
        (not deals.is_closed and deals.deleted_at is null)
        or (
            deals.is_closed
            and deals.created_at is null
            and not spells.was_open
            and {{ business_date('spells.last_entered_at') }} = {{ as_of_date() }}
        )

)

select
    pipeline.deals as deals_in_pipeline,
    open_deals.deals as open_deals
from pipeline
cross join open_deals
where pipeline.deals <> open_deals.deals
