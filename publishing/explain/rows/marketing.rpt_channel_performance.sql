-- Lines of spend, visits, conversions, won deals and the shares that touches have of them.
with

spend as (

    select
        activity_date, coalesce(spend.channel, 'unattributed') as channel, spend_reporting,
        if(spend_reporting is null and spend <> 0, 1, 0) as unconverted_spend_rows,
        impressions, clicks, platform_conversions,
        spend_key, campaign_key, platform, campaign_id, spend, spend.currency, fx_rate
    from build.marketing.fct_spend as spend
    left join build.core.dim_campaigns as campaigns using (campaign_key, platform, account_id)

),

visits as (

    select
        activity_date, channel, sessions, engaged_sessions,
        md5(concat_ws('|', activity_date, channel, coalesce(source, '~'), coalesce(campaign, '~'))) as visits_key,
        source as site, campaign
    from build.intermediate.int_sessions__daily

),

-- The highest stage entered at that moment tells which record of the ledger made the conversion.
conversions as (

    select
        business_date(converted_at) as activity_date, coalesce(original_channel, 'unattributed') as channel,
        if(conversion_type = 'lead', 1, 0) as leads,
        if(conversion_type = 'qualified', 1, 0) as qualified_leads,
        if(conversion_type = 'opportunity', 1, 0) as opportunities,
        if(conversion_type = 'customer', 1, 0) as customers,
        conversions.person_key, converted_at as moment, spells.stage, spells.lead_stage_key, spells.source,
        spells.is_inferred
    from build.intermediate.int_conversions__derived as conversions
    left join build.core.dim_people as people using (person_key)
    left join build.core.fct_lead_stages as spells
        on conversions.person_key = spells.person_key and conversions.converted_at = spells.entered_at
        and spells.stage_rank is not null
    where conversion_type <> 'won_deal'
    qualify row_number() over (partition by conversion_key order by spells.stage_rank desc) = 1

),

won as (

    select
        closed_date as activity_date, coalesce(original_channel, 'unattributed') as channel,
        1 as won_deals, amount_reporting as revenue,
        if(amount is not null and amount_reporting is null, 1, 0) as unconverted_deals,
        deals.person_key, deal_key, closed_at as moment, deals.amount as deal_amount, deals.currency as deal_currency
    from build.sales.fct_deals as deals
    left join build.core.dim_people as people using (person_key)
    where is_won

),

credited as (

    select
        business_date(converted_at) as activity_date, coalesce(credits.channel, 'unattributed') as channel,
        attributed_value as attributed_revenue,
        if(deals.amount is not null and attributed_value is null, 1, 0) as unconverted_credits,
        credits.person_key, deal_key, touch_key, converted_at as moment, round(weight, 4) as weight, conversion_value
    from build.marketing.fct_attribution as credits
    left join build.sales.fct_deals as deals using (deal_key)
    where conversion_type = 'won_deal' and attribution_model = getvariable('attribution_model')

)

select
    * replace (
        coalesce(unconverted_spend_rows, 0) as unconverted_spend_rows,
        coalesce(unconverted_credits, 0) as unconverted_credits
    )
from (
    select * from spend
    union all by name
    select * from visits
    union all by name
    select * from conversions
    union all by name
    select * from won
    union all by name
    select * from credited
)
