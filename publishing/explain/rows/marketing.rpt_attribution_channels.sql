-- The shares that touches have of conversions, under each attribution model, by month.
select
    date_trunc('month', business_date(converted_at))::date as period_start, channel, conversion_type,
    attribution_model, weight as conversions, touch_key, person_key, deal_key, converted_at as moment
from build.marketing.fct_attribution
