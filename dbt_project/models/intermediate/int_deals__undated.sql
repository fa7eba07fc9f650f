-- Won deals of which nobody tells when: in no month's revenue and no conversion, counted in the night's report.
select
    source,
    source_deal_id
from {{ ref('int_deals__unioned') }}
where
    is_won
    and closed_at is null
