-- Handoffs by the month of being qualified, with what sales did.
select
    followed.month_start_date, followed.channel, 1 as delivered, followed.accepted, followed.rejected,
    followed.never_worked, handoff_key, person_key, qualified_at as moment, sla_version, due_at, first_response_at,
    verdict, handoffs.decision, followed.rejection_reason
from build.intermediate.int_handoffs__followed as followed
inner join build.alignment.fct_handoffs as handoffs using (handoff_key)
