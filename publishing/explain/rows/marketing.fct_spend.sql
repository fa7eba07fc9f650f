-- Lines of spend by the day they were spent.
select
    activity_date, spend.channel, spend_constant_currency, spend_key, campaign_key, platform, campaign_id, spend, spend.currency,
    fx_rate, fx_rate_date
from build.marketing.fct_spend as spend
left join build.core.dim_campaigns as campaigns using (campaign_key, platform, account_id)
