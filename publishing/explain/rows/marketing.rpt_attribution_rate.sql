-- Conversions by month, and which of them have a touch in their window.
select
    date_trunc('month', business_date(converted_at))::date as month_start_date, conversions.conversion_type,
    1 as conversions,
    if(touch_key is not null, 1, 0) as attributed, conversion_value,
    if(touch_key is not null, conversion_value, if(conversion_value is not null, 0, null)) as attributed_value,
    conversions.deal_key, conversions.person_key, converted_at as moment
from build.intermediate.int_conversions__derived as conversions
left join build.intermediate.int_touches__pathed as paths
    on conversions.conversion_key = paths.conversion_key and paths.position = 1
