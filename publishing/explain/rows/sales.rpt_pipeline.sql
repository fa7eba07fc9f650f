-- Deals open at the end of the day; and, for the win rate, all that had closed by then, in each stage they ever stood in.
with

days as (

    select date_day as as_of_date from build.core.dim_dates where date_day <= getvariable('as_of')

),

open_deals as (

    select
        as_of_date, 1 as deals, round(amount * fx_rate, 2)::decimal(18, 2) as amount_reporting,
        round(round(amount * fx_rate, 2)::decimal(18, 2) * probability::decimal(20, 12), 2)::decimal(18, 2) as weighted_amount,
        if(amount is not null and fx_rate is null, 1, 0) as unconverted_deals,
        if(probability is null, 1, 0) as deals_without_probability,
        deal_key, stays.stage, owner_key, amount, stays.currency, fx_rate, probability
    from build.intermediate.int_deals__stayed as stays
    inner join days on first_day <= as_of_date and day_after_last > as_of_date
    left join build.intermediate.int_fx_rates__daily as rates
        on stays.currency = rates.currency and as_of_date = rates.rate_date

),

closed_deals as (

    select distinct
        as_of_date, 1 as closed_deals, if(is_won, 1, 0) as won_deals, deal_key, spells.stage, deals.owner_key,
        deals.closed_date, deals.is_won
    from build.sales.fct_deal_stages as spells
    inner join build.sales.fct_deals as deals using (deal_key)
    inner join build.seeds.lead_stages as stages on spells.stage = stages.stage
    inner join days on closed_date <= as_of_date
    where is_closed and coalesce(deals.amount, 0) >= 0 and not stages.is_exit and stages.temperature <> 'customer'

)

select * from open_deals
union all by name
select * from closed_deals
