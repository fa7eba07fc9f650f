{{ meta_ads_days(source('meta_ads', 'adset_daily'), parts=['ad_group']) }}
