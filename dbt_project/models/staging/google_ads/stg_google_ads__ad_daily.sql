{{ google_ads_days(source('google_ads', 'ad_daily'), parts=['ad_group', 'ad']) }}
