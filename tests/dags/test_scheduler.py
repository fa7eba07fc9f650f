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
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
import requests

from dags.__main__ import airflow_environment
from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.files import write_files
from ingestion.sandbox.server import environment, serving
from publishing.nights import current_run

pytestmark = pytest.mark.prove

AIRFLOW = str(Path(sys.executable).with_name("airflow"))
MINUTES = 60
T = TypeVar("T")


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
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
                time.sleep(5)
                os.killpg(process.pid, signal.SIGKILL)  # idle workers do not hear SIGTERM
            process.wait()


def scheduler_settings(port: int) -> dict[str, str]:
    """`make nightly`'s own settings and what several processes of Airflow need to find each other on loopback."""
    return airflow_environment() | {
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def is_up(port: int) -> bool:
    """Whether the API server answers: a task that starts before it does fails at once."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=5).ok
    except requests.RequestException:
        return False


def in_airflow(warehouse: Path, query: str) -> list[tuple]:
    """The rows of a query over Airflow's metadata; none while it is being set up."""
    database = warehouse / "state" / "airflow" / "airflow.db"
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


def wait_for(what: str, happened: Callable[[], T], minutes: float, log: Path) -> T:
    """What `happened` gives as soon as it is true of anything."""
    deadline = time.monotonic() + minutes * MINUTES
    while time.monotonic() < deadline:
        if found := happened():
            return found
        time.sleep(2)
    raise AssertionError(f"{what} did not happen in {minutes} minutes:\n{log.read_text()[-4000:]}")


def test_a_night_under_a_real_scheduler(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpausing the DAG is all a person does: the scheduler then starts the night that is due."""
    world = company(FIRST_NIGHT, scale=0.02)
    write_files(world, tmp_path / "files")
    monkeypatch.setenv("AS_OF", FIRST_NIGHT.isoformat())
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", str(tmp_path / "files"))
    known = "select 1 from dag where dag_id = 'nightly'"
    ended = "select run_id, run_type, state from dag_run where state in ('success', 'failed')"
    port, log = free_port(), tmp_path / "airflow.log"
    with serving(world) as url:
        for name, value in environment(url).items():
            monkeypatch.setenv(name, value)
        settings = scheduler_settings(port)
        subprocess.run([AIRFLOW, "db", "migrate"], env=settings, check=True, capture_output=True)
        with standalone(settings, log):
            wait_for("the API server's start", partial(is_up, port), 5, log)
            wait_for("the parsing of the DAG", partial(in_airflow, warehouse, known), 5, log)
            subprocess.run(
                [AIRFLOW, "dags", "unpause", "nightly", "--yes"], env=settings, check=True, capture_output=True
            )
            [(run_id, run_type, state)] = wait_for("the night", partial(in_airflow, warehouse, ended), 15, log)
    tasks = in_airflow(warehouse, "select task_id, map_index, state from task_instance")
    assert (run_type, state) == ("scheduled", "success"), f"{tasks}\n{log.read_text()[-4000:]}"
    assert current_run() == f"{FIRST_NIGHT}.1"
    report = json.loads((warehouse / "reports" / f"{FIRST_NIGHT}.json").read_text())
    assert report["run_id"] == run_id
    overlapping = in_airflow(
        warehouse,
        "select count(*) from task_instance a join task_instance b on a.map_index < b.map_index and "
        "a.start_date < b.end_date and b.start_date < a.end_date where a.task_id = 'load' and b.task_id = 'load'",
    )
    assert overlapping[0][0] > 0, "no two sources were loaded at the same time"
