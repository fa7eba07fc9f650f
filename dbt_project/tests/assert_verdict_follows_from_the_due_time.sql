-- A response by the due time is met, a later one or none is breached once the time is over, and nothing else is.
select
    handoff_key,
    due_at,
    first_response_at,
    verdict
from {{ ref('fct_handoffs') }}
where
    first_response_at < qualified_at
    or decided_at < qualified_at
    or response_business_seconds < 0
    or (sla_version is not null and due_at is null)
    or verdict <> case
        when first_response_at <= due_at then 'met'
        when due_at < {{ as_of_end() }} then 'breached'
        when due_at is null and first_response_at is not null then 'met'
        else 'pending'
    end
