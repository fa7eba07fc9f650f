-- Money that is shared out is neither made nor lost: to the cent, for every conversion and model.
select conversion_key, attribution_model, max(conversion_value) as conversion_value, sum(attributed_value) as attributed
from {{ ref('fct_attribution') }}
group by conversion_key, attribution_model
having sum(attributed_value) is distinct from max(conversion_value)
