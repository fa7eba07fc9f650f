"""The first page of a night, and what the night says of itself, from real published files."""

import json
from pathlib import Path

import duckdb
import pytest

from publishing.docs import checks_page, index_page
from publishing.nights import build_file, current_run
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
            2 as leads, 1 as qualified_leads, 1 as customers, 1000.00 as revenue
        union all select date '2026-05-01', 'seminar', 80.00, 3, 0, 0, 0.00
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
    return index_page(
        current_run(), {"fct_handoffs": "What marketing handed over", **dict.fromkeys(TABLES, "")}, ["raw"]
    )


TABLES = ("dim_people", "dim_contacts", "rpt_channel_performance")


def test_the_page_tells_the_numbers_and_where_they_came_from(night: dict) -> None:
    told = page()
    assert "<td>200.00</td>" in told
    assert "<td>1,000.00</td>" in told
    assert '<th scope="row">paid_search</th><td>120.00</td><td>2</td><td>1</td><td>60.00</td>' in told
    assert "seminar" not in told, "nothing of last month belongs to the month so far"


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
