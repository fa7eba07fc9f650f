"""May this night be published? What marketing and sales share: people, stages, touches."""

from expectations.rules import CRITICAL, WARNING, Suite, between, filled, never, no_row, suite

# fmt: off
SUITES: dict[str, Suite] = {
    "core.dim_people": suite(
        "person_key",
        filled("country", 0.3),
        never("is_active_customer and not is_customer", "an active customer has been a customer"),
    ),
    "core.dim_companies": suite("company_key"),
    "core.dim_campaigns": suite("campaign_key", filled("campaign_name")),
    "core.dim_channels": suite("channel"),
    "core.dim_dates": suite(
        "date_day",
        no_row(
            """
            select count(*) as days from {batch} where date_day <= as_of()
            having count(*) != date_diff('day', min(date_day), as_of()) + 1
            """,
            "every day up to the business day is there",
        ),
    ),
    "core.fct_lead_stages": suite(
        "lead_stage_key",
        between("duration_seconds", 0, None, CRITICAL),
        never("cast(entered_at as date) > as_of() + 1", "nothing happens after the business day"),
        never("is_current != (exited_at is null)", "the current spell is the one that is open"),
        no_row(
            """
            select person_key from {batch} join build.core.dim_people using (person_key)
            group by person_key, is_deleted having count(*) filter (where is_current) != if(is_deleted, 0, 1)
            """,
            "a person has exactly one current spell, and none once deleted",
        ),
    ),
    "core.fct_touches": suite(
        "touch_key",
        never("cast(touched_at as date) > as_of() + 1", "nothing happens after the business day"),
        no_row(
            """
            select count(*) as touches, count(*) filter (where channel = 'other') as other from {batch}
            having count(*) >= 20 and count(*) filter (where channel = 'other') > 0.3 * count(*)
            """,
            "most touches have a channel that is known",
            WARNING,
        ),
    ),
    "core.rpt_stage_daily": suite(
        "date_day, channel, stage",
        between("people", 1, None, CRITICAL),
        never("date_day > as_of()", "no day after the business day is told"),
    ),
    "core.rpt_stage_transitions": suite(
        "from_stage, to_stage, channel, month_start_date",
        between("min_seconds", 0, None, CRITICAL),
        never("from_stage = to_stage", "nobody moves to the stage they stand in"),
    ),
    "core.metric_definitions": suite("metric"),
}
# fmt: on
