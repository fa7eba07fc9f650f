"""The first page of a night, and what the night says of itself, from real published files."""

import json
import re
from pathlib import Path

import duckdb
import pytest

from publishing import numbers
from publishing.docs import checks_page, index_page
from publishing.nights import build_file, current_run
from publishing.numbers import headlines
from publishing.publish import publish
from publishing.report import (
    night_summary,
    problem_of_the_night,
    read_report,
    report_failure,
    report_outcome,
    report_published,
)

MARTS = """
    create schema core; create schema marketing; create schema sales; create schema alignment;
    create table core.dim_people as select 'p1' as person_key;
    create table sales.dim_contacts as select 'p1' as person_key, 'ana@example.com' as email;
    create table alignment.fct_handoffs as
        select 'h1' as handoff_key, timestamp '2026-06-30 09:00' as qualified_at, 'met' as verdict;
    create table marketing.rpt_channel_performance as
        select date '2026-06-30' as activity_date, 'paid_search' as channel, 120.00 as spend_reporting,
            0 as unconverted_spend_rows, 2 as leads, 1 as qualified_leads, 1 as customers, 1000.00 as revenue
        union all select date '2026-05-01', 'seminar', 80.00, 1, 3, 0, 0, 0.00;
    create table marketing.rpt_budget_attainment as
        select date '2026-06-01' as month_start_date, 'channel' as level, 'tv' as channel, null as team,
            500.00 as budget, 500.00 as expected_by_now, 450.00 as spend_reporting, -50.00 as variance_by_now,
            0.9::double as attainment_by_now;
    create table sales.rpt_quota_attainment as
        select 'team' as level, 'North' as team, date '2026-06-30' as period_end, true as is_running,
            9000.00 as target, 9000.00 as expected_by_now, 1000.00 as bookings, (1 / 9)::double as attainment,
            20000.00 as pipeline_open, 2.5::double as pipeline_coverage, 0 as unconverted_quotas,
            0 as unconverted_deals, 3 as unconverted_open_deals
        union all select 'rep', 'Rita of the North', date '2026-06-30', true, 9000, 9000, 1000, 0.1, 20000, 2.5, 0, 0, 0
        union all select 'team', 'South in spring', date '2026-03-31', false, 1, 1, 1, 1, null, null, 0, 0, 0;
    create table sales.rpt_pipeline as
        select date '2026-06-30' as as_of_date, 'proposal' as stage, 3 as deals, 20000.00 as amount_reporting,
            8000.00 as weighted_amount, 1 as unconverted_deals
        union all select date '2026-06-29', 'proposal', 7, 70000.00, 7000.00, 0;
    create table sales.rpt_mrr_monthly as
        select date '2026-06-01' as month_start_date, 'company' as level, 100.00 as opening_mrr, 20.00 as new_mrr,
            0.00 as expansion_mrr, 0.00 as contraction_mrr, 5.00 as churned_mrr, 0.00 as reactivation_mrr,
            0.50 as currency_effect, 115.50 as closing_mrr, 4 as closing_customers;
    create table alignment.rpt_sla_monthly as
        select date '2026-06-01' as month_start_date, 'unsegmented' as segment, 10.00 as committed_leads,
            10.00 as expected_by_now, 9 as delivered_leads, 0.9::double as attainment_by_now, 9 as handoffs, 6 as met,
            2 as breached, 1 as pending, 0.75::double as follow_up_rate;
    create table alignment.rpt_handoff_bridge as
        select date '2026-06-01' as month_start_date, 'email' as channel, 'qualified_leads' as component, 7 as leads
        union all select date '2026-06-01', 'email', 'not_handed_over', -2
        union all select date '2026-06-01', 'tv', 'handed_over_again', 1
        union all select date '2026-06-01', 'tv', 'handoffs', 6;
    create table alignment.rpt_rejections as
        select date '2026-06-01' as month_start_date, 'no_budget' as rejection_reason, 2 as rejected, 30.00 as cost
        union all select date '2026-04-01', 'no_budget', 1, 12.00
        union all select date '2026-03-01', 'no_fit', 1, 1.00
"""


@pytest.fixture
def night(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The manifest of a small published night; a file of the user lacked a number."""
    monkeypatch.setenv("AS_OF", "2026-06-30")
    build_file().parent.mkdir(parents=True)
    with duckdb.connect(str(build_file())) as connection:
        connection.execute(MARTS)
    (warehouse / "raw").mkdir()
    with duckdb.connect(str(warehouse / "raw" / "files.duckdb")) as connection:
        connection.execute(
            "create schema raw; create table raw.bad_rows as select 'deals.csv' as file;"
            "create table raw.loads as select date '2026-06-28' as as_of;"
            "create table raw.configuration as select true as is_configured"
        )
    return publish()


def page() -> str:
    return index_page(current_run(), dict.fromkeys(TABLES, ""), ["raw"])


TABLES = set(re.findall(r"create table (\w+\.\w+)", MARTS))


def test_the_page_tells_the_numbers_and_where_they_came_from(night: dict) -> None:
    told = page()
    assert "<td>200.00</td>" in told
    assert "<td>1,000.00</td>" in told
    assert '<th scope="row">paid_search</th><td>120.00</td><td>2</td><td>1</td><td>60.00</td>' in told
    assert "seminar" not in told, "nothing of last month belongs to the month so far"


def test_the_page_tells_both_departments_and_what_they_agreed(night: dict) -> None:
    told = page()
    assert told.index("<h2>Marketing</h2>") < told.index("<h2>Sales</h2>") < told.index("<h2>The agreement</h2>")
    assert told.count("<h2>Sales</h2>") == 1, "one heading for all its tables"
    for row in (
        "tv | 500.00 | 500.00 | 450.00 | -50.00 | 90.0%",
        "North | 2026-06-30 | 9,000.00 | 9,000.00 | 1,000.00 | 11.1% | 20,000.00 | 2.50 | 3",
        "proposal | 3 | 20,000.00 | 8,000.00 | 1",
        "2026-06 | 100.00 | 20.00 | 0.00 | 0.00 | 5.00 | 0.00 | 0.50 | 115.50 | 4",
        "2026-06 | all others | 10.00 | 10.00 | 9 | 90.0% | 9 | 6 | 2 | 1 | 75.0%",
        "2026-06 | 7 | -2 | 0 | 1 | 6",
        "no_budget | 3 | 42.00",
    ):
        name, *cells = row.split(" | ")
        assert f'<th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) in told
    assert "Rita" not in told, "quotas of single reps are sales' own"
    assert "South in spring" not in told, "a period that is over is no running quota"
    assert "no_fit" not in told, "older than the two months before"


def test_the_headlines_tell_the_month_before_as_a_whole(night: dict) -> None:
    assert headlines()[0] == ["", "that day", "month to date", "month before", "since the start"]
    assert ["leads", "2", "2", "3", "5"] in headlines()
    assert ["cost per lead", "60.00", "60.00", "-", "-"] in headlines(), "spend without a rate makes no lead cheap"
    assert ["spend without a rate", "0", "0", "1", "1"] in headlines()


def test_handoffs_fall_on_the_business_day_as_in_the_reports(
    night: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ["handoffs", "1", "1", "0", "1"] in headlines()
    vars_file = tmp_path / "vars.yml"
    vars_file.write_text("vars: {business_time_zone: Etc/GMT+12}")
    monkeypatch.setattr(numbers, "VARS", vars_file)
    assert ["handoffs", "0", "1", "0", "1"] in headlines(), "the evening before, there"


def test_the_page_tells_what_is_stale_and_what_was_left_out(night: dict) -> None:
    told = page()
    assert "<b>files</b> (up to 2026-06-28)" in told
    assert "rows of deals.csv" in told


def test_the_page_of_a_day_published_again_tells_what_differs(night: dict) -> None:
    assert "What differs" not in page()
    with duckdb.connect(str(build_file())) as connection:
        connection.execute("update alignment.fct_handoffs set verdict = 'breached'")
    publish()
    told = page()
    assert "What differs from 2026-06-30.1" in told
    assert '<td>alignment.fct_handoffs</td><td>0</td><td>0</td><td>1</td><td class="text">verdict</td>' in told


def test_the_page_needs_no_network_and_names_nobody(night: dict) -> None:
    told = page()
    assert "http" not in told
    assert "ana@example.com" not in told


def test_the_page_of_checks_shows_what_did_not_hold_first(night: dict) -> None:
    rule = {"phase": "raw", "table": "files.raw.bad_rows", "severity": "warning", "error": None}
    held = rule | {"rule": "line is at least 1", "success": True, "count": 0, "examples": []}
    broken = rule | {"rule": "no row", "success": False, "count": 2, "examples": [{"file": "a<b.csv", "line": 3}]}
    (build_file().parent / "checks.json").write_text(json.dumps([held, broken]))
    told = checks_page(current_run(), ["raw"])
    assert told.index("not so for 2") < told.index("holds")
    assert "file=a&lt;b.csv, line=3" in told
    assert "http" not in told


def test_a_published_night_whose_pages_failed_is_not_called_good(night: dict) -> None:
    report_published("run", night | {"is_degraded": False, "stale_sources": []})
    assert problem_of_the_night("run") is None
    assert night_summary()[1] == 0
    report_failure("run", "docs", "no space left on device")
    text, exit_code = night_summary()
    assert "docs: no space left on device" in text
    assert exit_code == 3
    assert report_outcome(exit_code) == "exit code 3: published degraded"
    report = read_report("run")
    assert (report["exit_code"], report["outcome"]) == (3, "published degraded")
    assert report["published"]["run"] == "2026-06-30.1"
    assert "no space left" in problem_of_the_night("run")
