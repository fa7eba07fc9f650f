"""A night under a real scheduler: `airflow standalone`, its parallel workers, and the same published files."""

import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from dags.__main__ import airflow_environment
from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.files import write_files
from ingestion.sandbox.server import environment, serving
from publishing.nights import current_run

pytestmark = pytest.mark.prove

AIRFLOW = str(Path(sys.executable).with_name("airflow"))
MINUTES = 60


@contextmanager
def standalone(settings: dict[str, str], log: Path) -> Iterator[None]:
    """Airflow's scheduler, dag-processor, API server and workers, in a process group that is ended as a whole."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [AIRFLOW, "standalone"], env=settings, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            time.sleep(5)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # idle workers do not hear SIGTERM
            process.wait()


def scheduler_settings() -> dict[str, str]:
    """`make nightly`'s own settings and what several processes of Airflow need to find each other on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    return airflow_environment() | {
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": port,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


def in_airflow(warehouse: Path, query: str) -> list[tuple]:
    """The rows of a query over Airflow's metadata; none while it is being set up."""
    database = warehouse / "state" / "airflow" / "airflow.db"
    if not database.exists():
        return []
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


def wait_for(warehouse: Path, query: str, minutes: float) -> list[tuple]:
    """The rows of a query as soon as there are any."""
    deadline = time.monotonic() + minutes * MINUTES
    while time.monotonic() < deadline:
        if rows := in_airflow(warehouse, query):
            return rows
        time.sleep(2)
    raise AssertionError(f"nothing came of: {query}")


def test_a_night_under_a_real_scheduler(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = company(FIRST_NIGHT, scale=0.02)
    write_files(world, tmp_path / "files")
    monkeypatch.setenv("AS_OF", FIRST_NIGHT.isoformat())
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", str(tmp_path / "files"))
    with serving(world) as url:
        for name, value in environment(url).items():
            monkeypatch.setenv(name, value)
        settings = scheduler_settings()
        subprocess.run([AIRFLOW, "db", "migrate"], env=settings, check=True, capture_output=True)
        with standalone(settings, tmp_path / "airflow.log"):
            wait_for(warehouse, "select 1 from dag where dag_id = 'nightly' and not is_paused", minutes=3)
            triggered = [AIRFLOW, "dags", "trigger", "nightly", "--run-id", "proof"]
            subprocess.run(triggered, env=settings, check=True, capture_output=True)
            ended = "select state from dag_run where run_id = 'proof' and state in ('success', 'failed')"
            state = wait_for(warehouse, ended, minutes=10)
    tasks = dict(in_airflow(warehouse, "select task_id, state from task_instance where run_id = 'proof'"))
    assert state == [("success",)], f"{tasks}\n{(tmp_path / 'airflow.log').read_text()[-4000:]}"
    assert current_run() == f"{FIRST_NIGHT}.1"
    report = json.loads((warehouse / "reports" / f"{FIRST_NIGHT}.json").read_text())
    assert report["run_id"] == "proof"
    overlapping = in_airflow(
        warehouse,
        "select count(*) from task_instance a join task_instance b on a.map_index < b.map_index and "
        "a.start_date < b.end_date and b.start_date < a.end_date where a.task_id = 'load' and b.task_id = 'load'",
    )
    assert overlapping[0][0] > 0, "no two sources were loaded at the same time"
