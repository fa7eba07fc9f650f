"""What is told of two nights of the same day: every row that differs, by its key, and no personal data."""

import json
import sys

import duckdb
import pytest

from publishing import differences
from publishing.nights import build_file, published_dir
from publishing.publish import publish
from publishing.report import read_report, report_published

MARTS = """
    create schema core; create schema marketing; create schema sales; create schema alignment;
    create table core.dim_people as select 'p1' as person_key, 'warm' as current_stage union all select 'p2', 'cold';
    create table marketing.fct_spend as
        select 's1' as spend_key, date '2026-06-30' as activity_date, 10.00 as spend, 5 as clicks
        union all select 's2', date '2026-06-30', 20.00, null;
    create table sales.dim_contacts as select 'p1' as person_key, 'ana@example.com' as email, 1 as calls;
    create table alignment.fct_handoffs as select 'h1' as handoff_key, 'open' as decision;
"""
RESTATED = """
    update core.dim_people set person_key = 'p3' where person_key = 'p2';
    update marketing.fct_spend set spend = 10.01, clicks = 6 where spend_key = 's1';
    update marketing.fct_spend set clicks = 0 where spend_key = 's2';
    update sales.dim_contacts set email = 'zoe@example.com', calls = 2;
"""
LISTED = [
    ("core.dim_people", {"person_key": "p2"}, "removed", None, None, None),
    ("core.dim_people", {"person_key": "p3"}, "added", None, None, None),
    ("marketing.fct_spend", {"spend_key": "s1"}, "changed", "clicks", "5", "6"),
    ("marketing.fct_spend", {"spend_key": "s1"}, "changed", "spend", "10.00", "10.01"),
    ("marketing.fct_spend", {"spend_key": "s2"}, "changed", "clicks", None, "0"),
    ("sales.dim_contacts", {"person_key": "p1"}, "changed", "calls", "1", "2"),
    ("sales.dim_contacts", {"person_key": "p1"}, "changed", "email", None, None),
]
COUNTED = {
    "core.dim_people": {"added": 1, "removed": 1, "changed": 0, "columns": {}},
    "marketing.fct_spend": {"added": 0, "removed": 0, "changed": 2, "columns": {"clicks": 2, "spend": 1}},
    "sales.dim_contacts": {"added": 0, "removed": 0, "changed": 1, "columns": {"calls": 1, "email": 1}},
}


def built(monkeypatch: pytest.MonkeyPatch, as_of: str, *statements: str) -> None:
    """A built warehouse for a day."""
    monkeypatch.setenv("AS_OF", as_of)
    build_file().parent.mkdir(parents=True, exist_ok=True)
    build_file().unlink(missing_ok=True)
    with duckdb.connect(str(build_file())) as connection:
        for statement in (MARTS, *statements):
            connection.execute(statement)


def told(monkeypatch: pytest.MonkeyPatch, *nights: str) -> int:
    """Run the command line."""
    monkeypatch.setattr(sys, "argv", ["publishing.differences", *nights])
    return differences.main()


def test_a_day_published_again_lists_every_row_that_differs_from_what_it_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built(monkeypatch, "2026-06-30")
    assert publish()["differences"] is None
    built(monkeypatch, "2026-07-01", "delete from core.dim_people")
    assert publish()["differences"] is None, "another day differs by what happened"
    built(monkeypatch, "2026-06-30", RESTATED)
    night = publish()
    assert night["differences"] == {"from": "2026-06-30.1", "tables": COUNTED}
    path = published_dir() / night["run"] / "differences.parquet"
    rows = duckdb.execute(
        f"select table_name, row_key, change, column_name, earlier_value, later_value from '{path}' order by all"
    ).fetchall()
    assert [(table, json.loads(key), *rest) for table, key, *rest in rows] == LISTED
    assert b"@example.com" not in path.read_bytes()


def test_the_report_of_the_night_tells_the_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    built(monkeypatch, "2026-06-30", RESTATED)
    report_published("run", publish())
    assert read_report("run")["published"]["differences"]["tables"] == COUNTED


def test_an_old_day_built_again_from_the_same_raw_differs_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for day in ("2026-06-29", "2026-06-30"):
        built(monkeypatch, day)
        publish()
    built(monkeypatch, "2026-06-29")
    assert publish()["differences"] == {"from": "2026-06-29.1", "tables": {}}


def test_a_night_is_compared_with_what_is_built_and_not_yet_published(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    built(monkeypatch, "2026-06-30", RESTATED, "drop table alignment.fct_handoffs")
    capsys.readouterr()
    assert told(monkeypatch, "2026-06-30.1") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "marketing.fct_spend: 0 rows added, 0 removed, 2 changed in clicks, spend" in lines
    assert 'marketing.fct_spend  changed  {"spend_key":"s2"}  clicks: null -> 0' in lines
    assert 'sales.dim_contacts  changed  {"person_key":"p1"}  email' in lines
    assert "alignment.fct_handoffs  removed" in lines
    assert not any("@" in line for line in lines)


def test_a_table_that_has_another_key_now_is_told_to_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30", "alter table alignment.fct_handoffs rename handoff_key to person_key")
    publish()
    built(monkeypatch, "2026-06-30")
    changed = {"added": 0, "removed": 0, "changed": 1, "columns": {}}
    assert publish()["differences"]["tables"] == {"alignment.fct_handoffs": changed}


def test_two_kept_nights_are_compared(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    for day, statement in {"2026-06-29": "select 1", "2026-06-30": RESTATED}.items():
        built(monkeypatch, day, statement)
        publish()
    build_file().unlink()
    capsys.readouterr()
    assert told(monkeypatch, "2026-06-29.1", "2026-06-30.1") == 0
    assert "core.dim_people: 1 rows added, 1 removed, 0 changed" in capsys.readouterr().out
    assert told(monkeypatch, "2026-06-29.1", "2026-06-29.1") == 0
    assert capsys.readouterr().out == "nothing differs\n"


def test_a_night_that_is_not_kept_is_named_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    assert told(monkeypatch, "2026-06-01.1") == 1
    assert "there is no night 2026-06-01.1; kept are: 2026-06-30.1" in capsys.readouterr().err
