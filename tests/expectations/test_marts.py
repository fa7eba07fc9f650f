"""A night is published only if its totals agree: a small warehouse that is right, and the same broken in many ways."""

import json
from pathlib import Path

import duckdb
import pytest

from expectations import alignment, core, marketing, sales
from expectations.checkpoint import check, run
from expectations.rules import CRITICAL
from publishing.nights import build_file

SMALL_WAREHOUSE = Path(__file__).with_name("small_warehouse.sql")

# What a wrong build could contain, and the critical rules that must stop it.
BROKEN = [
    ("insert into core.dim_people from core.dim_people limit 1", "core.dim_people", "person_key is unique"),
    ("delete from core.dim_dates where date_day = '2026-03-01'", "core.dim_dates",
     "every day up to the business day is there"),
    ("update core.fct_lead_stages set duration_seconds = -1 where lead_stage_key = 'l1'", "core.fct_lead_stages",
     "duration_seconds is at least 0"),
    ("update core.fct_lead_stages set is_current = true, exited_at = null where lead_stage_key = 'l1'",
     "core.fct_lead_stages", "a person has exactly one current spell, and none once deleted"),
    ("update core.rpt_stage_daily set date_day = '2026-07-01'", "core.rpt_stage_daily",
     "no day after the business day is told"),
    ("update core.rpt_stage_transitions set to_stage = from_stage where from_stage = 'qualified'",
     "core.rpt_stage_transitions", "nobody moves to the stage they stand in"),
    ("insert into core.fct_touches values ('t2', '2026-07-05', 'direct')", "core.fct_touches",
     "nothing happens after the business day"),
    ("update marketing.fct_spend set spend = 59.99 where spend_key = 'f1'", "marketing.fct_spend",
     "equals what the platforms told, by account and currency"),
    ("update marketing.fct_spend set spend = 39.99 where spend_key = 'f2'", "marketing.fct_spend",
     "flights cost what was invoiced once they are over, and never more"),
    ("update marketing.rpt_attribution_channels set removal_effect = 1.5", "marketing.rpt_attribution_channels",
     "removal_effect is between 0 and 1"),
    ("update marketing.rpt_attribution_disagreement set highest_value = 499", "marketing.rpt_attribution_disagreement",
     "the default model is one of the models"),
    ("update marketing.rpt_attribution_rate set unattributed = 1", "marketing.rpt_attribution_rate",
     "every conversion is attributed or not"),
    ("update marketing.rpt_attribution_rate set conversion_value = 1", "marketing.rpt_attribution_rate",
     "what won deals are worth equals the won deals"),
    ("update marketing.rpt_email_lists_daily set subscribers = -1", "marketing.rpt_email_lists_daily",
     "subscribers is at least 0"),
    ("update marketing.fct_email_consents set withdrawn_at = '2026-06-01'", "marketing.fct_email_consents",
     "nobody is written to who has left"),
    ("update marketing.fct_email_consents set withdrawn_at = '2026-06-01'", "marketing.fct_email_consents",
     "only a person's own word ends their consent"),
    ("update marketing.rpt_brand_awareness set sessions = 8", "marketing.rpt_brand_awareness",
     "sessions equal those of the channels"),
    ("update marketing.rpt_campaign_performance set leads = 1", "marketing.rpt_campaign_performance",
     "each day agrees with that of the channels"),
    ("update marketing.rpt_spend_bridge set amount = 61 where component = 'with_leads'", "marketing.rpt_spend_bridge",
     "the components sum to the month's total"),
    ("update marketing.rpt_spend_bridge set amount = amount + 1", "marketing.rpt_spend_bridge",
     "the total is the ledger's"),
    ("update marketing.rpt_budget_attainment set expected_by_now = 201", "marketing.rpt_budget_attainment",
     "no more is expected by now than in the whole month"),
    ("update marketing.rpt_funnel_cohorts set reached = 3", "marketing.rpt_funnel_cohorts",
     "no more people reach a stage than entered the cohort"),
    ("update marketing.rpt_funnel_segments set entered = 1", "marketing.rpt_funnel_segments",
     "no more people reach a stage than entered the cohort"),
    ("update marketing.rpt_funnel_calendar set month_start_date = '2026-05-01'",
     "marketing.rpt_funnel_calendar", "nobody reaches a stage before becoming a lead"),
    ("update sales.fct_deals set probability = 50 where deal_key = 'h2'", "sales.fct_deals",
     "probability is between 0 and 1"),
    ("update sales.fct_deals set amount = 301 where deal_key = 'h2'", "sales.fct_deals",
     "every amount is the one that the CRM told"),
    ("delete from alignment.fct_handoffs where handoff_key = 'n2'", "alignment.fct_handoffs",
     "every entry into the stage qualified is a handoff"),
    ("drop table sales.dim_owners", "sales.dim_owners", "owner_key is unique"),
]  # fmt: skip


@pytest.fixture
def warehouse(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The build file of a small night that is right."""
    monkeypatch.setenv("AS_OF", "2026-06-30")
    build_file().parent.mkdir(parents=True)
    with duckdb.connect(str(build_file())) as connection:
        connection.execute(SMALL_WAREHOUSE.read_text())
    return build_file()


def change(*statements: str) -> None:
    with duckdb.connect(str(build_file())) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_right_night_passes_every_rule(warehouse: Path):
    assert [each for each in run("marts") if not each.success] == []


def test_what_files_and_vendors_may_tell_stops_no_night(warehouse: Path):
    """An agency's invoice for ads, blank currencies, ends swapped while a flight runs, a deal won on no known day."""
    change(
        "insert into staging.stg_files__spend values"
        " ('agency', 'usd ', 12, '2026-06-01', null), ('none', null, 3, '2026-06-02', null),"
        " ('swapped', 'USD', 20, '2026-07-10', '2026-06-21')",
        "insert into staging.stg_google_ads__campaign_daily values ('a2', null, '2026-06-29', 7, 10, 1)",
        "insert into marketing.fct_spend values"
        " ('f3', '2026-06-01', 'google_ads', null, 12, 'USD', 12, 0, 0),"
        " ('f4', '2026-06-02', 'offline', null, 3, null, null, 0, 0),"
        " ('f5', '2026-06-21', 'offline', null, 10, 'USD', 10, 0, 0),"
        " ('f6', '2026-06-29', 'google_ads', 'a2', 7, null, null, 10, 1)",
        "insert into sales.fct_deals (deal_key, is_won, amount_reporting) values ('undated', true, 800)",
    )
    judged = {
        "equals what the platforms told, by account and currency",
        "flights cost what was invoiced once they are over, and never more",
        "what won deals are worth equals the won deals",
    }
    passed = {each.rule for each in run("marts") if each.success}
    assert judged <= passed


def test_every_way_of_being_wrong_is_critical(warehouse: Path):
    change(*(statement for statement, _, _ in BROKEN))
    failed = {(each.table, each.rule) for each in run("marts") if not each.success and each.severity == CRITICAL}
    assert {(f"build.{table}", rule) for _, table, rule in BROKEN} - failed == set()


def test_a_critical_failure_says_which_table_rule_count_and_keys(warehouse: Path, capsys: pytest.CaptureFixture):
    change("update marketing.fct_spend set spend = 59.99 where spend_key = 'f1'")
    assert not check("marts")
    told = capsys.readouterr().out
    assert (
        "build.marketing.fct_spend: equals what the platforms told, by account and currency: not so for 1 row" in told
    )
    assert "platform=google_ads, account_id=a1, currency=USD, told=60.00, built=59.99" in told


def test_a_warning_does_not_stop_the_night(warehouse: Path, capsys: pytest.CaptureFixture):
    change("update marketing.fct_spend set clicks = 5, impressions = 3 where spend_key = 'f2'")
    assert check("marts")
    assert "warning     build.marketing.fct_spend: no more clicks than impressions" in capsys.readouterr().out


def test_parts_dearer_than_their_whole_are_told(warehouse: Path):
    change("update marketing.fct_spend_ad_groups set spend = -20 where spend_ad_group_key = 'g1'")
    change("insert into marketing.fct_spend_ad_groups values ('g3', 'c1', '2026-06-10', false, 140, 140)")
    dearer = "no ad groups cost more than their campaign"
    assert [each.count for each in run("marts") if each.rule == dearer and not each.success] == [1]


def test_no_personal_data_reaches_the_results(warehouse: Path):
    change("insert into sales.dim_contacts from sales.dim_contacts")
    assert not check("marts")
    results = (build_file().parent / "checks.json").read_text()
    assert "p1" in results
    assert "zoe@example.com" not in results
    pages = (build_file().parent / "data_docs" / "marts").rglob("*.html")
    assert not any("zoe@example.com" in page.read_text() for page in pages)


def test_the_results_of_raw_stay_beside_those_of_the_marts(warehouse: Path):
    check("raw")
    check("marts")
    phases = {each["phase"] for each in json.loads((build_file().parent / "checks.json").read_text())}
    assert phases <= {"raw", "marts"}
    assert "marts" in phases


def test_every_table_of_the_contract_has_a_suite():
    suites = core.SUITES | marketing.SUITES | sales.SUITES | alignment.SUITES
    with duckdb.connect() as connection:
        connection.execute(SMALL_WAREHOUSE.read_text())
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name != 'staging'"
        ).fetchall()
    assert {table for (table,) in tables} == set(suites)
