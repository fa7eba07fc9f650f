{{ spend_by_part(
    parts=['ad_group'],
    days=ref('int_ad_group_days__unioned'),
    whole=ref('int_spend__unioned'),
) }}
