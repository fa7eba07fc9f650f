-- Within one attribution model, what the touches of a conversion get, and what nobody gets, is the whole conversion.
select conversion_key, attribution_model, sum(weight) as weights
from {{ ref('fct_attribution') }}
group by conversion_key, attribution_model
having sum(weight) <> 1
