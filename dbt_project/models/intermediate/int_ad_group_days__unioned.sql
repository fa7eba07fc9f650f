{{ ad_days('ad_group', parts=['ad_group']) }}
