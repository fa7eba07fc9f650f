{{ google_ads_days(source('google_ads', 'ad_group_daily'), parts=['ad_group']) }}
