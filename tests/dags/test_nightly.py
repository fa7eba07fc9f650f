"""Two nights of the sandbox company under the real Airflow, as `make nightly` runs them, from nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from dags.__main__ import AIRFLOW, ROOT, airflow_environment
from ingestion.sandbox.server import environment
from publishing.nights import current_run, manifest, published_dir, runs


@dataclass(frozen=True)
class Nights:
    """What two nights in a row printed, and the folders they wrote."""

    first: subprocess.CompletedProcess
    second: subprocess.CompletedProcess
    warehouse: Path
    home: Path


def begin_night(warehouse: Path, home: Path, **settings: str) -> subprocess.Popen:
    """`make nightly` without installing: one night in a process group of its own, with an empty home folder."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "WAREHOUSE_DIR": str(warehouse),
        "SANDBOX_SCALE": "0.02",
        **settings,
    }
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, "-m", "dags"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **told)


def run_night(warehouse: Path, home: Path, **settings: str) -> subprocess.CompletedProcess:
    """A night to its end: its exit code and what it told."""
    with begin_night(warehouse, home, **settings) as night:
        try:
            stdout, stderr = night.communicate(timeout=600)
        except subprocess.TimeoutExpired:
            os.killpg(night.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(night.args, night.returncode, stdout, stderr)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """The company's first night and the one after it."""
    warehouse, home = tmp_path_factory.mktemp("warehouse"), tmp_path_factory.mktemp("home")
    return Nights(run_night(warehouse, home), run_night(warehouse, home), warehouse, home)


@pytest.fixture(autouse=True)
def in_the_nights(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_DIR", str(nights.warehouse))


def test_both_nights_are_published(nights: Nights) -> None:
    assert nights.first.returncode == 0, nights.first.stdout + nights.first.stderr
    assert nights.second.returncode == 0, nights.second.stdout + nights.second.stderr
    assert runs() == ["2026-06-30.1", "2026-07-01.1"]
    assert current_run() == "2026-07-01.1"


def test_a_night_says_what_it_does_and_what_came_out(nights: Nights) -> None:
    told = nights.first.stdout
    steps = [
        "pulling from the sandbox company",
        "loaded      hubspot",
        "built",
        "published   2026-06-30.1",
        "PUBLISHED",
    ]
    assert [step for step in steps if step not in told] == []
    assert sorted(steps, key=told.index) == steps
    for headline in ("spend", "leads", "qualified leads", "cost per lead", "customers", "revenue", "handoffs met"):
        assert f"\n{headline} " in told
    assert "site/index.html" in told
    assert told.splitlines()[-1].endswith("; exit code 0: published")
    assert "duckdb.connect(" in told


def test_no_secret_and_no_stack_trace_is_told(nights: Nights) -> None:
    told = nights.first.stdout + nights.first.stderr + nights.second.stdout + nights.second.stderr
    assert "Traceback" not in told
    secrets = {name: value for name, value in environment("").items() if name.endswith(("TOKEN", "KEY", "SECRET"))}
    assert len(secrets) > 4
    assert [name for name, value in secrets.items() if value in told] == []


def test_all_state_lies_under_the_warehouse_folder(nights: Nights) -> None:
    assert [str(path.relative_to(nights.home)) for path in nights.home.rglob("*") if path.is_file()] == []


def test_the_published_files_answer_a_reader(nights: Nights) -> None:
    for name in ("marketing", "sales"):
        with duckdb.connect() as connection:
            connection.execute(f"attach '{published_dir() / 'current' / name}.duckdb' as warehouse (read_only)")
            people, stages = connection.execute(
                "select count(distinct person_key), count(distinct stage) from warehouse.core.fct_lead_stages"
            ).fetchone()
        assert people > 50
        assert stages > 6


def test_the_pages_are_there(nights: Nights) -> None:
    site = published_dir() / "current" / "site"
    assert "2026-07-01" in (site / "index.html").read_text()
    assert "fct_lead_stages" in (site / "tables.html").read_text()
    assert list((site / "data_docs").rglob("index.html"))


PERSONAL = """
    select email, phone, firstname || ' ' || lastname from hubspot.raw.contacts
    union all
    select email, null, full_name from files.raw.people
    union all
    select email_address, null, full_name from mailchimp.raw.members
    union all
    select email_address, ip, null from mailchimp.raw.email_activity
    union all
    select email, null, null from files.raw.owners
"""


def personal_data(warehouse: Path) -> set[str]:
    """Every email, phone, full name and IP address that the vendors told, as they told it and in lower case."""
    with duckdb.connect() as connection:
        for source in ("hubspot", "files", "mailchimp"):
            connection.execute(f"attach '{warehouse}/raw/{source}.duckdb' as {source} (read_only)")
        told = {value.strip() for row in connection.execute(PERSONAL).fetchall() for value in row if value}
    return {value for value in told | {value.lower() for value in told} if len(value) > 3}


def texts(database: Path, schemas: tuple[str, ...]) -> str:
    """Every text in every column of the published tables of these schemas."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as warehouse (read_only)")
        columns = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where data_type = 'VARCHAR' and table_schema in ?",
            [list(schemas)],
        ).fetchall()
        return "\n".join(
            value
            for schema, table, column in columns
            for (value,) in connection.execute(
                f"select distinct {column} from warehouse.{schema}.{table} where {column} is not null"
            ).fetchall()
        )


def test_personal_data_is_in_sales_contacts_and_nowhere_else(nights: Nights) -> None:
    current = published_dir() / "current"
    personal = personal_data(nights.warehouse)
    in_sales = texts(current / "sales.duckdb", ("sales",))
    assert len([value for value in personal if value in in_sales]) > 50  # the scan finds what is there
    readable = {
        "marketing.duckdb": texts(current / "marketing.duckdb", ("core", "marketing", "alignment")),
        "stdout": nights.first.stdout + nights.second.stdout,
        "stderr": nights.first.stderr + nights.second.stderr,
    }
    written = [*nights.warehouse.rglob("*.html"), *nights.warehouse.rglob("*.json"), *nights.warehouse.rglob("*.log")]
    assert len(written) > 10
    readable |= {
        str(path.relative_to(nights.warehouse)): path.read_text(errors="replace")
        for path in written
        if "dlt" not in path.parts
    }
    assert [(name, value) for name, text in readable.items() for value in personal if value in text] == []


SLOW = """
from datetime import timedelta
from time import sleep

from airflow.sdk import dag, get_current_context, task

from dags.nightly import write_report, write_silent_failures

@dag(schedule=None, default_args={"on_failure_callback": write_report})
def slow():
    @task(execution_timeout=timedelta(seconds=1))
    def load(source):
        sleep(30)

    @task(on_failure_callback=None)
    def build():
        raise ValueError

    @task(trigger_rule="all_done")
    def tell_degraded():
        write_silent_failures(get_current_context())

    [load.expand(source=["facebook_pages"]), build()] >> tell_degraded()

slow()
"""


def test_a_task_that_airflow_ends_is_told_with_the_reason_and_its_log(nights: Nights, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    folder = {"AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path), "AS_OF": "2026-08-01"}
    command = [AIRFLOW, "dags", "test", "slow"]
    subprocess.run(command, env=airflow_environment() | folder, cwd=ROOT, check=False, capture_output=True, timeout=300)
    report = json.loads((nights.warehouse / "reports" / "2026-08-01.json").read_text())
    reasons = {failure["task"]: failure["reason"] for failure in report["failures"]}
    assert reasons.keys() == {"load facebook_pages", "build"}
    assert "it took longer than 0:00:01; its log: http" in reasons["load facebook_pages"]
    assert "its process ended without a word: killed, out of memory" in reasons["build"]
    assert "/dags/slow/runs/" in reasons["build"]


@pytest.mark.prove
def test_the_same_day_again_changes_nothing(nights: Nights) -> None:
    before = manifest()
    again = run_night(nights.warehouse, nights.home, AS_OF="2026-07-01")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "unchanged   2026-07-01.1" in again.stdout
    assert manifest() == before


def test_mistakes_in_the_configuration_stop_a_night_before_it_loads_anything(nights: Nights, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "dbt_project", tmp_path / "dbt_project")
    with (tmp_path / "dbt_project" / "seeds" / "crm_stage_map.csv").open("a") as file:
        file.write("files,trial,warmish\nfiles,demo,propsal\n")
    raw = {path: path.stat().st_mtime_ns for path in (nights.warehouse / "raw").iterdir()}
    command = [AIRFLOW, "dags", "test", "nightly"]
    environment = airflow_environment() | {"AS_OF": "2026-08-02"}
    subprocess.run(command, env=environment, cwd=tmp_path, check=False, capture_output=True, timeout=300)
    report = json.loads((nights.warehouse / "reports" / "2026-08-02.json").read_text())
    [failure] = report["failures"]
    assert failure["task"] == "check_configuration"
    assert "unknown stage 'warmish'" in failure["reason"]
    assert "unknown stage 'propsal'" in failure["reason"]
    assert "published" not in report
    assert {path: path.stat().st_mtime_ns for path in (nights.warehouse / "raw").iterdir()} == raw
