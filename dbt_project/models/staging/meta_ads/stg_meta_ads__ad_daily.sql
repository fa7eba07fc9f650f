{{ meta_ads_days(source('meta_ads', 'ad_daily'), parts=['ad_group', 'ad']) }}
