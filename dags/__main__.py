"""One night, here and now: `python -m dags` (or `make nightly`).

Where no source is configured the sandbox company is started on loopback and pulled from; without `AS_OF` it moves on
one day from the last published night. Exit code: 0 published, 3 published degraded, 1 not published.
"""

import os
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from ingestion import SOURCES
from ingestion.load import missing_settings
from ingestion.settings import business_day, warehouse_dir
from publishing.nights import manifest
from publishing.report import night_summary, report_file

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


def main() -> int:
    """Run the night and tell what was published."""
    started = time.monotonic()
    with ExitStack() as stack:
        if all(missing_settings(source) for source in SOURCES):
            _start_sandbox(stack)
        os.environ["AS_OF"] = business_day().isoformat()
        print(f"The night of {os.environ['AS_OF']}, in {warehouse_dir()}", flush=True)
        report_file().unlink(missing_ok=True)
        environment = airflow_environment()
        if not (warehouse_dir() / "state" / "airflow" / "airflow.db").exists():
            subprocess.run([AIRFLOW, "db", "migrate"], env=environment, check=True, capture_output=True)  # noqa: S603
        _run_dag(environment)
    text, exit_code = night_summary()
    print(f"{text}\n\n{time.monotonic() - started:.0f} s in all", flush=True)
    return exit_code


def _run_dag(environment: dict[str, str]) -> None:
    """Run the DAG once; what came of it stands in the night's report."""
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
    seed, scale = int(os.environ.get("SANDBOX_SEED", "1")), float(os.environ.get("SANDBOX_SCALE", "1"))
    world = company(business_day(), seed=seed, scale=scale)
    files = warehouse_dir() / "sandbox" / "files"
    write_files(world, files)
    os.environ.update(environment(stack.enter_context(serving(world))))
    os.environ["SOURCES__FILES__BUCKET_URL"] = str(files)


if __name__ == "__main__":
    sys.exit(main())
