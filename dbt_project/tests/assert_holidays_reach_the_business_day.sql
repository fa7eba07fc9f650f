-- The committed holidays end some day: warn before SLA clocks run over holidays that nobody wrote down.
{{ config(severity='warn') }}

select
    sla_terms.sla_version,
    sla_terms.country,
    max(holidays.holiday_date) as last_holiday
from {{ ref('sla_terms') }} as sla_terms
left join {{ ref('holidays') }} as holidays
    on sla_terms.country = holidays.country
group by sla_terms.sla_version, sla_terms.country
having coalesce(max(holidays.holiday_date) < {{ as_of_date() }}, true)
