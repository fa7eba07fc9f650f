-- Every day's pipeline is that of the day before plus what came, less what went: nothing appears or vanishes untold.
-- The two ends are told by rpt_pipeline, the movements by the ledger of deals.
with

days as (

    select
        as_of_date,
        stage,
        owner_key,
        opening_deals + created_deals + reopened_deals + moved_in_deals
        - moved_out_deals - won_deals - lost_deals - removed_deals - closing_deals as deals_missing,
        opening_amount + created_amount + reopened_amount + moved_in_amount + amount_changes + currency_effect
        - moved_out_amount - won_amount - lost_amount - removed_amount - closing_amount as amount_missing
    from {{ ref('rpt_pipeline_daily') }}

)

select * from days
where
    deals_missing <> 0
    or amount_missing <> 0
