-- Handoffs by the moment of being qualified.
select
    qualified_at, channel, segment, response_business_seconds, handoff_key, person_key, qualified_at as moment, sla_version,
    due_at, first_response_at, verdict
from build.alignment.fct_handoffs
