"""One night, here and now: `python -m dags` (or `make nightly`).

Where no source is configured the sandbox company is started on loopback and pulled from; without `AS_OF` it moves on
one day from the last published night. Exit code: 0 published, 3 published degraded, 1 not published.
"""

import fcntl
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

from ingestion import SOURCES
from ingestion.load import missing_settings
from ingestion.settings import business_day, warehouse_dir
from publishing.nights import manifest
from publishing.report import NOT_PUBLISHED, night_summary, report_file, report_outcome

ROOT = Path(__file__).parents[1]
# DuckDB 2.0's bindings list what Python still holds when the process ends; it means nothing.
EXIT_NOISE = re.compile(r"nanobind: | - (leaked|\.\.\. skipped)|See https://nanobind|DagRun ")
AIRFLOW = Path(sys.executable).with_name("airflow")


def airflow_environment() -> dict[str, str]:
    """What Airflow needs to run the DAG in one quiet process with all its state under `WAREHOUSE_DIR`."""
    home = warehouse_dir() / "state" / "airflow"
    return {
        **os.environ,
        "WAREHOUSE_DIR": str(warehouse_dir()),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": os.environ.get("AIRFLOW__LOGGING__LOGGING_LEVEL", "CRITICAL"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "PYTHONPATH": str(ROOT),
        "GX_ANALYTICS_ENABLED": "false",
        # Here someone is waiting: vendors' hiccups are retried within a request, not by running the task again.
        "NIGHTLY_RETRIES": "0",
    }


class NightError(Exception):
    """The night cannot begin; the message says why and what to do."""


def main() -> int:
    """Run the night and tell what was published."""
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            stack.enter_context(_alone())
            if all(missing_settings(source) for source in SOURCES):
                _start_sandbox(stack)
            elif _sandbox_files().exists():
                raise NightError(
                    f"{warehouse_dir()} holds the sandbox company: set another WAREHOUSE_DIR for your own data"
                )
            os.environ["AS_OF"] = business_day().isoformat()
            print(f"The night of {os.environ['AS_OF']}, in {warehouse_dir()}", flush=True)
            report_file().unlink(missing_ok=True)
            _run_dag(airflow_environment())
    except (NightError, ValueError) as error:
        print(f"The night did not begin: {error}", file=sys.stderr)
        return NOT_PUBLISHED
    text, exit_code = night_summary()
    print(f"{text}\n\n{time.monotonic() - started:.0f} s in all; {report_outcome(exit_code)}", flush=True)
    return exit_code


@contextmanager
def _alone() -> Iterator[None]:
    """One night at a time in one folder: DuckDB gives a file to one writing process."""
    path = warehouse_dir() / "state" / "night.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NightError(f"another night is running in {warehouse_dir()}: wait for it to end") from None
        yield


def _prepare_airflow(environment: dict[str, str]) -> None:
    """Create or migrate Airflow's database, once for each version of Airflow; a kill in between does it again."""
    done = warehouse_dir() / "state" / "airflow" / f"migrated-{version('apache-airflow')}"
    if not done.exists():
        subprocess.run([AIRFLOW, "db", "migrate"], env=environment, check=True, capture_output=True)  # noqa: S603
        done.touch()


def _run_dag(environment: dict[str, str]) -> None:
    """Run the DAG once; what came of it stands in the night's report."""
    _prepare_airflow(environment)
    command = [AIRFLOW, "dags", "test", "nightly"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True) as airflow:  # noqa: S603
        for line in airflow.stderr:
            if not EXIT_NOISE.match(line):
                print(line, end="", file=sys.stderr, flush=True)


def _start_sandbox(stack: ExitStack) -> None:
    """Serve the sandbox company for the length of the night and point every source at it."""
    from ingestion.sandbox.company import FIRST_NIGHT, company
    from ingestion.sandbox.files import write_files
    from ingestion.sandbox.server import environment, serving

    last = manifest()
    if not os.environ.get("AS_OF"):
        next_day = date.fromisoformat(last["as_of"]) + timedelta(days=1) if last else FIRST_NIGHT
        os.environ["AS_OF"] = next_day.isoformat()
    print("No source is configured: pulling from the sandbox company (see .env.example to bring your own).", flush=True)
    try:
        seed, scale = int(os.environ.get("SANDBOX_SEED", "1")), float(os.environ.get("SANDBOX_SCALE", "1"))
    except ValueError as error:
        raise NightError(f"SANDBOX_SEED must be a whole number and SANDBOX_SCALE a number: {error}") from None
    world = company(business_day(), seed=seed, scale=scale)
    write_files(world, _sandbox_files())
    os.environ.update(environment(stack.enter_context(serving(world))))
    os.environ["SOURCES__FILES__BUCKET_URL"] = str(_sandbox_files())


def _sandbox_files() -> Path:
    return warehouse_dir() / "sandbox" / "files"


if __name__ == "__main__":
    sys.exit(main())
