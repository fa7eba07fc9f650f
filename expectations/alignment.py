"""May this night be published? The agreement between marketing and sales counts every handoff once."""

from expectations.rules import CRITICAL, Suite, between, equal, never, suite

HANDOFFS = "select count(*) from build.alignment.fct_handoffs"

# fmt: off
SUITES: dict[str, Suite] = {
    "alignment.fct_handoffs": suite(
        "handoff_key",
        equal(
            "count(*)", "select count(*) from build.core.fct_lead_stages where stage = 'qualified'",
            "every entry into the stage qualified is a handoff",
        ),
        never("first_response_at < qualified_at", "a response follows its handoff"),
        never("verdict = 'pending' and cast(due_at as date) < as_of()", "only what is not due yet is pending"),
        between("response_business_seconds", 0, None, CRITICAL),
    ),
    "alignment.rpt_sla_monthly": suite(
        "month_start_date, segment",
        equal("sum(handoffs)", HANDOFFS, "counts every handoff"),
        never("met + breached + pending != handoffs", "every handoff is met, breached or pending"),
    ),
    "alignment.rpt_lead_quality": suite(
        "lead_quality_key", equal("sum(delivered)", HANDOFFS, "counts every handoff")
    ),
    "alignment.rpt_lead_quality_segments": suite(
        "lead_quality_segment_key", equal("sum(delivered)", HANDOFFS, "counts every handoff")
    ),
    "alignment.rpt_rejections": suite(
        "rejection_key",
        equal(
            "coalesce(sum(rejected), 0)",
            "select count(*) from build.alignment.fct_handoffs where decision = 'rejected'",
            "counts every rejection",
        ),
    ),
    "alignment.rpt_disagreements": suite(
        "disagreement_key",
        never("disagreed_at < qualified_at", "nobody disagrees before the handoff"),
    ),
}
# fmt: on
