{{ spend_by_part(
    parts=['ad_group', 'ad'],
    days=ref('int_single_ad_days__unioned'),
    whole=ref('fct_spend_ad_groups'),
) }}
