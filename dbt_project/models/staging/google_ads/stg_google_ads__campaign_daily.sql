{{ google_ads_days(source('google_ads', 'campaign_daily')) }}
