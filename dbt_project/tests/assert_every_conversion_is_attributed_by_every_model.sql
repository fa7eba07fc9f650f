-- A conversion without a touch is unattributed, never missing: attributed and unattributed make all conversions.
select conversions.conversion_key, models.attribution_model
from {{ ref('int_conversions__derived') }} as conversions
cross join {{ ref('attribution_models') }} as models
left join {{ ref('fct_attribution') }} as attribution
    on
        conversions.conversion_key = attribution.conversion_key
        and models.attribution_model = attribution.attribution_model
where attribution.conversion_key is null
