"""May this night be published? The agreement between marketing and sales counts every handoff once."""

from expectations.rules import Suite, equal, never, suite

# fmt: off
SUITES: dict[str, Suite] = {
    "alignment.fct_handoffs": suite(
        "handoff_key",
        equal(
            "count(*)", "select count(*) from build.core.fct_lead_stages where stage = 'qualified'",
            "every entry into the stage qualified is a handoff",
        ),
    ),
    "alignment.rpt_sla_monthly": suite("month_start_date, segment"),
    "alignment.rpt_handoff_bridge": suite(
        "handoff_bridge_key",
        equal(
            "coalesce(sum(leads) filter (where component = 'handoffs'), 0)",
            "select count(*) from build.alignment.fct_handoffs",
            "leads to every handoff",
        ),
        equal(
            "coalesce(sum(leads) filter (where component <> 'handoffs'), 0)",
            "select count(*) from build.alignment.fct_handoffs",
            "each step between qualified leads and handoffs is told",
        ),
    ),
    "alignment.rpt_lead_quality": suite("lead_quality_key"),
    "alignment.rpt_lead_quality_segments": suite("lead_quality_segment_key"),
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
