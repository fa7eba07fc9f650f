{{ meta_ads_days(source('meta_ads', 'campaign_daily')) }}
