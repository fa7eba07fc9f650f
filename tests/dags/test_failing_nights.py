"""Nights that go wrong, one after the other, under the real Airflow: what readers see, what is told, and the healing.

A good night; one without HubSpot; one that a critical check stops; two killed in mid-load and in mid-build; the night
that heals them.
"""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
import requests

from ingestion import SOURCES
from ingestion.load import load
from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.files import write_files
from ingestion.sandbox.server import environment, serving
from ingestion.sandbox.world import World
from publishing.build import build
from publishing.nights import build_file
from publishing.publish import checksums
from tests.dags.test_nightly import begin_night, run_night

pytestmark = pytest.mark.prove

SECOND, THIRD = FIRST_NIGHT + timedelta(days=1), FIRST_NIGHT + timedelta(days=2)


@dataclass(frozen=True)
class Outcome:
    """How a night ended, and what readers saw after it."""

    exit_code: int
    told: str
    report: dict
    current: dict
    spend: int


@dataclass(frozen=True)
class Company:
    """The folders of a warehouse whose sources are the sandbox company."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse"

    @contextmanager
    def on(self, world: World) -> Iterator[tuple[str, dict[str, str]]]:
        """The company of that day: the address of its vendors, and the settings that point every source at it."""
        write_files(world, self.folder / "files")
        with serving(world) as url:
            files = {"SOURCES__FILES__BUCKET_URL": str(self.folder / "files")}
            yield url, environment(url) | files | {"AS_OF": world.as_of.isoformat()}

    def night(self, world: World, **fault: object) -> Outcome:
        """One whole night, with a fault of a vendor."""
        with self.on(world) as (url, settings):
            if fault:
                requests.post(f"{url}/control/faults", json=fault, timeout=5).raise_for_status()
            ended = run_night(self.warehouse, self.folder / "home", **settings)
        return self.outcome(ended.returncode, ended.stdout + ended.stderr, world.as_of)

    def killed_night(self, world: World, is_time: Callable[[str], bool]) -> Outcome:
        """A night whose processes are all killed as soon as it is time."""
        with self.on(world) as (url, settings):
            night = begin_night(self.warehouse, self.folder / "home", **settings)
            deadline = time.monotonic() + 300
            while not is_time(url):
                assert night.poll() is None, night.communicate()
                assert time.monotonic() < deadline, "the moment never came"
                time.sleep(0.02)
            os.killpg(night.pid, signal.SIGKILL)
            night.communicate()
        return self.outcome(night.returncode, "", world.as_of)

    def outcome(self, exit_code: int, told: str, day: date) -> Outcome:
        """What a reader of the published files sees now."""
        current = self.warehouse / "published" / "current"
        with duckdb.connect() as connection:
            connection.execute(f"attach '{current / 'marketing.duckdb'}' as marketing (read_only)")
            spend = connection.execute("select count(*) from marketing.marketing.fct_spend").fetchone()[0]
        report = self.warehouse / "reports" / f"{day}.json"
        seen = json.loads((current / "manifest.json").read_text())
        return Outcome(exit_code, told, json.loads(report.read_text()) if report.exists() else {}, seen, spend)


def world(day: date) -> World:
    return company(day, scale=0.02)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Outcome]:
    """The first night."""
    here = Company(tmp_path_factory.mktemp("company"))
    (here.folder / "home").mkdir()
    outcome = here.night(world(FIRST_NIGHT))
    for name in ("raw", "state/dlt"):
        shutil.copytree(here.warehouse / name, here.folder / "kept" / name)
    return here, outcome


@pytest.fixture(scope="module")
def degraded(good: tuple[Company, Outcome]) -> Outcome:
    """The second night: HubSpot refuses the token."""
    return good[0].night(world(SECOND), vendor="hubspot", fault="unauthorized", times=1000)


@pytest.fixture(scope="module")
def stopped(good: tuple[Company, Outcome], degraded: Outcome) -> Outcome:
    """The third night: Google Ads tells nothing of the last week."""
    whole = world(THIRD)
    told = [day for day in whole.ad_days if day.platform != "google_ads" or day.day <= THIRD - timedelta(days=7)]
    return good[0].night(replace(whole, ad_days=told))


@pytest.fixture(scope="module")
def killed(good: tuple[Company, Outcome], stopped: Outcome) -> list[Outcome]:
    """The third night again, killed while HubSpot is asked, and once more while dbt writes."""
    here = good[0]
    asked = here.killed_night(
        world(THIRD),
        lambda url: requests.get(f"{url}/control/state", timeout=5).json()["requests"].get("hubspot", 0) > 5,
    )
    unfinished = here.warehouse / "build"
    began = time.time()

    def is_writing(_: str) -> bool:
        written = [path.stat() for path in unfinished.glob("warehouse.duckdb*")]
        return sum(file.st_size for file in written if file.st_mtime > began) > 100_000

    return [asked, here.killed_night(world(THIRD), is_writing)]


@pytest.fixture(scope="module")
def healed(good: tuple[Company, Outcome], killed: list[Outcome]) -> Outcome:
    """The third night at last."""
    return good[0].night(world(THIRD))


def test_a_good_night_exits_0(good: tuple[Company, Outcome]) -> None:
    outcome = good[1]
    assert outcome.exit_code == 0, outcome.told
    assert outcome.current["run"] == f"{FIRST_NIGHT}.1"


def test_one_failed_source_publishes_the_others_as_degraded_and_exits_3(degraded: Outcome) -> None:
    assert degraded.exit_code == 3, degraded.told
    assert degraded.current["run"] == f"{SECOND}.1"
    assert degraded.current["is_degraded"]
    assert degraded.current["stale_sources"] == [{"source": "hubspot", "loaded_for": FIRST_NIGHT.isoformat()}]
    assert f"DEGRADED: stale are hubspot (loaded for {FIRST_NIGHT})" in degraded.told
    assert [failure["task"] for failure in degraded.report["failures"]] == ["load hubspot"]
    assert "hubspot was not loaded: " in degraded.report["failures"][0]["reason"]
    assert "Traceback" not in degraded.told


def test_the_other_sources_of_a_degraded_night_are_of_that_day(
    good: tuple[Company, Outcome], degraded: Outcome
) -> None:
    assert degraded.spend > good[1].spend


def test_a_critical_failure_publishes_nothing_exits_1_and_says_what(degraded: Outcome, stopped: Outcome) -> None:
    assert stopped.exit_code == 1, stopped.told
    assert (stopped.current, stopped.spend) == (degraded.current, degraded.spend)
    assert "published" not in stopped.report
    [reason] = [failure["reason"] for failure in stopped.report["failures"] if failure["task"] == "check_raw"]
    for said in ("google_ads.raw.campaign_daily", "as many rows in the newest week", "1 row", "newest_week_rows=0"):
        assert said in reason
        assert said in stopped.told
    assert f"Readers still see the night of {SECOND}." in stopped.told


def test_a_killed_night_changes_nothing_that_readers_see(degraded: Outcome, killed: list[Outcome]) -> None:
    assert [outcome.exit_code for outcome in killed] == [-signal.SIGKILL] * 2
    assert [outcome.current for outcome in killed] == [degraded.current] * 2


def test_the_next_night_heals_all_of_it(
    good: tuple[Company, Outcome], healed: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tables are those of a warehouse that went from the first night to the third with nothing in between."""
    assert healed.exit_code == 0, healed.told
    assert healed.current["run"] == f"{THIRD}.1"
    assert not healed.current["is_degraded"]
    here = good[0]
    with here.on(world(THIRD)) as (_, settings):
        for name, value in (settings | {"WAREHOUSE_DIR": str(here.folder / "kept")}).items():
            monkeypatch.setenv(name, value)
        for source in SOURCES:
            load(source, THIRD)
        assert build()
        assert checksums(build_file()) == healed.current["tables"]
