"""The steps of a night by hand (`make build`, `make check`, ...): which day they stand on, and what they refuse."""

import importlib
import os
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.freshness import stand_on_loaded_day
from publishing.nights import build_file, built_day_file, manifest

STEPS = {
    "nightly": ("dags.__main__", []),
    "load": ("ingestion.load", ["files"]),
    "build": ("publishing.build", []),
    "check raw": ("expectations.checkpoint", ["raw"]),
    "check marts": ("expectations.checkpoint", ["marts"]),
    "publish": ("publishing.publish", []),
    "docs": ("publishing.docs", []),
}


def exit_code(step: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a step as its command line does."""
    module, words = STEPS[step]
    monkeypatch.setattr(sys, "argv", [module, *words])
    try:
        return importlib.import_module(module).main()
    except SystemExit as ended:
        return ended.code


def built_for(day: str) -> None:
    """A built warehouse of that day."""
    build_file().parent.mkdir(parents=True)
    with duckdb.connect(str(build_file())) as connection:
        for schema in ("core", "marketing", "sales", "alignment"):
            connection.execute(f"create schema {schema}; create table {schema}.dim_people as select 'p1' as person_key")
    built_day_file().write_text(day)


@pytest.mark.parametrize("step", STEPS)
def test_an_as_of_that_is_no_day_is_one_clear_line(
    step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("AS_OF", "2026-02-30")
    assert exit_code(step, monkeypatch) != 0
    assert "AS_OF is '2026-02-30': it must be a day such as 2026-06-30" in capsys.readouterr().err


@pytest.mark.parametrize("step", ["check marts", "publish"])
def test_what_needs_a_built_warehouse_says_so(
    step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("AS_OF", "2026-06-30")
    assert exit_code(step, monkeypatch) == 1
    assert "run `make build` first" in capsys.readouterr().err


def test_without_as_of_a_step_stands_on_the_newest_day_loaded(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AS_OF", "")
    (warehouse / "raw").mkdir(parents=True)
    for source, day in {"files": "2026-06-28", "hubspot": "2026-06-30"}.items():
        with duckdb.connect(str(warehouse / "raw" / f"{source}.duckdb")) as connection:
            connection.execute(
                f"create schema raw; create table raw.loads as select date '{day}' as as_of;"
                "create table raw.configuration as select true as is_configured"
            )
    stand_on_loaded_day()
    assert os.environ["AS_OF"] == "2026-06-30"


def test_a_build_is_published_under_its_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    built_for("2026-06-30")
    monkeypatch.setenv("AS_OF", "")
    assert exit_code("publish", monkeypatch) == 0
    assert manifest()["as_of"] == "2026-06-30"


def test_a_build_of_another_day_is_not_published(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    built_for("2026-06-30")
    monkeypatch.setenv("AS_OF", "2026-07-01")
    assert exit_code("publish", monkeypatch) == 1
    assert "of 2026-06-30 and not of 2026-07-01" in capsys.readouterr().err
    assert manifest() is None


@pytest.mark.parametrize("step", ["check marts", "publish"])
def test_what_a_failed_build_left_is_not_published(
    step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    built_for("2026-06-30")
    built_day_file().unlink()
    monkeypatch.setenv("AS_OF", "2026-06-30")
    assert exit_code(step, monkeypatch) == 1
    assert "the last build failed or was cut off" in capsys.readouterr().err
    assert manifest() is None
