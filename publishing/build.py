"""Build the warehouse from raw: `python -m publishing.build` (one `dbt build` into a new file).

The day it reports on is AS_OF, else the newest day that any source was loaded for. An interrupted build leaves nothing
that matters: the next one starts from an empty file.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb

from ingestion import SOURCES
from ingestion.freshness import stand_on_loaded_day
from ingestion.load import create_tables
from ingestion.masking import masked
from ingestion.salt import keep_salt
from ingestion.settings import business_day, raw_file, warehouse_dir
from publishing.configuration import require_sound_configuration
from publishing.nights import build_file, built_day_file

SEVERITIES = {"warn": "warning", "fail": "critical", "error": "critical"}
EXAMPLES = 5
KEYS = ("_key", "_date", "currency", "stage", "attribution_model")


def build() -> bool:
    """Run dbt, which reports its own errors; whether every model was built and no test failed.

    Raises ConfigurationError before it begins, with all mistakes of the configuration.
    """
    require_sound_configuration()
    remove_last_build()
    keep_salt()
    for source in SOURCES:
        if not raw_file(source).exists():  # its load was cut off before it began: empty, and told to be stale
            create_tables(source)
    command = dbt_command("build", "--exclude-resource-type", "unit_test")
    started = time.monotonic()
    with subprocess.Popen(command, env=dbt_environment(), stdout=subprocess.PIPE, text=True) as dbt:  # noqa: S603
        for line in dbt.stdout:
            print(masked(line), end="", flush=True)
    succeeded = dbt.returncode == 0
    if succeeded:
        built_day_file().write_text(business_day().isoformat())
    for result in results():
        if result["unique_id"].startswith("test.") and result["status"] in SEVERITIES:
            print(told_test(result), flush=True)
    print(
        f"  {'built' if succeeded else 'failed'}       {_summary()} in {time.monotonic() - started:.0f} s", flush=True
    )
    return succeeded


def remove_last_build() -> None:
    """Remove what the last build left; if it was killed, also the folder of what it could not hold in memory."""
    path = build_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in [*path.parent.glob(f"{path.name}*"), built_day_file(), _results_file()]:
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink(missing_ok=True)


def build_failures() -> str:
    """The models and tests that failed in the last build, and why, in one line."""
    told = [_told_failure(result) for result in results() if result["status"] in ("error", "fail")]
    return "; ".join(told) or "it ended before it built anything"


def _told_failure(result: dict) -> str:
    kind, _, name, *_ = result["unique_id"].split(".")
    if result["status"] == "fail":
        return told_test(result).split(maxsplit=1)[1]
    return masked(f"{kind} {name}: {' '.join(str(result['message']).split())}")


def told_test(result: dict) -> str:
    """A failed test in one line: how grave, which rule, how many rows, and the keys of some."""
    name = result["unique_id"].split(".")[2]
    examples = "; ".join(", ".join(f"{key}={value}" for key, value in row.items()) for row in _examples(result))
    rows = f"{result['failures'] or 0:,} rows{f', e.g. {examples}' if examples else ''}"
    return f"  {SEVERITIES[result['status']]:<11} dbt test {name}: not so for {rows}"


def _examples(result: dict) -> list[dict]:
    """The keys of some rows that fail a test, and nothing else of them: a row may hold personal data."""
    with duckdb.connect(str(build_file()), read_only=True) as connection:
        for source in filter(lambda source: raw_file(source).exists(), [*SOURCES, "identity"]):
            connection.execute(f"attach '{raw_file(source)}' as {source} (read_only)")
        try:
            failing = connection.execute(f"select * from ({result['compiled_code']}) limit {EXAMPLES}")
        except duckdb.Error:  # the test itself is broken: dbt has said how
            return []
        names = [column[0] for column in failing.description]
        rows = [dict(zip(names, row, strict=True)) for row in failing.fetchall()]
    return [{name: masked(row[name]) for name in names if name.endswith(KEYS)} for row in rows]


def dbt_command(*words: str) -> list[str]:
    """The command line of dbt for this project; it only says what went wrong."""
    dbt = Path(sys.executable).with_name("dbt")
    return [str(dbt), "--quiet", *words, "--project-dir", "dbt_project", "--profiles-dir", "dbt_project"]


def dbt_environment() -> dict[str, str]:
    """What dbt reads from the environment: the day, the raw files, the file to build, and where its own state goes."""
    return {
        **os.environ,
        "AS_OF": business_day().isoformat(),
        "WAREHOUSE_DIR": str(warehouse_dir()),
        "BUILD_FILE": str(build_file()),
        "DBT_TARGET_PATH": str(_state_dir()),
        "DBT_LOG_PATH": str(_state_dir()),
    }


def _summary() -> str:
    counts = Counter((result["unique_id"].partition(".")[0], result["status"]) for result in results())
    models = counts["model", "success"]
    tests = sum(count for (kind, _), count in counts.items() if kind == "test")
    return f"{models} models, {tests} tests, {counts['test', 'warn']} warnings"


def results() -> list[dict]:
    """What dbt says of each seed, model and test of the last build (its run_results.json); nothing without a build."""
    return json.loads(_results_file().read_text())["results"] if _results_file().exists() else []


def _results_file() -> Path:
    return _state_dir() / "run_results.json"


def _state_dir() -> Path:
    return warehouse_dir() / "state" / "dbt"


def main() -> int:
    """Build for AS_OF, else for the newest day loaded; 1 if a model or a critical test failed."""
    try:
        stand_on_loaded_day()
        return 0 if build() else 1
    except ValueError as error:
        print(f"not built: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
