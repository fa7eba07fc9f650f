{{ ad_days('ad', parts=['ad_group', 'ad']) }}
