"""The night's report: what was published or what failed and why, in `WAREHOUSE_DIR/reports/<day>.json`.

One report a run: a new run of the same day starts afresh. `night_summary` is what `make nightly` prints at the end.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.masking import masked
from ingestion.settings import business_day, warehouse_dir
from publishing.nights import manifest, published_dir
from publishing.numbers import headlines

PUBLISHED, NOT_PUBLISHED, DEGRADED = 0, 1, 3
OUTCOMES = {PUBLISHED: "published", NOT_PUBLISHED: "not published", DEGRADED: "published degraded"}
PUBLISHED_FACTS = (
    "run", "is_degraded", "stale_sources", "checks", "left_out", "people_gone", "people_changed", "differences",
)  # fmt: skip


def report_file() -> Path:
    """The report of the business day."""
    return warehouse_dir() / "reports" / f"{business_day()}.json"


def read_report(run_id: str) -> dict:
    """The report of this run so far; empty if nothing is noted yet or it is another run's."""
    report = json.loads(report_file().read_text()) if report_file().exists() else {}
    return report if report.get("run_id") == run_id else {}


def report_failure(run_id: str, task: str, reason: str) -> None:
    """Note that a task failed, and why."""
    with _alone():
        failures = read_report(run_id).get("failures", [])
        _note(run_id, failures=[*failures, {"task": task, "reason": masked(reason)}])


def report_published(run_id: str, night: dict) -> None:
    """Note what readers see since this run."""
    _note(run_id, published={fact: night.get(fact) for fact in PUBLISHED_FACTS})


def report_outcome(exit_code: int) -> str:
    """Note how the night ended, for who cannot see its exit code; returns it in one line."""
    outcome = f"exit code {exit_code}: {OUTCOMES[exit_code]}"
    run_id = json.loads(report_file().read_text())["run_id"] if report_file().exists() else None
    _note(run_id, exit_code=exit_code, outcome=OUTCOMES[exit_code])
    return outcome


def problem_of_the_night(run_id: str) -> str | None:
    """Why someone should look at this run; None for a good night."""
    report = read_report(run_id)
    published = report.get("published")
    if not published:
        return f"nothing was published: {_failures(report)}"
    if published["is_degraded"]:
        return f"published degraded: {', '.join(source['source'] for source in published['stale_sources'])} stale"
    return f"published, but {_failures(report)}" if report.get("failures") else None


def night_summary() -> tuple[str, int]:
    """What to tell who ran the night, and the exit code: 0 published, 3 published degraded, 1 not published.

    A night that was published and then failed at its pages is degraded too.
    """
    report = json.loads(report_file().read_text()) if report_file().exists() else {}
    published = report.get("published")
    if not published:
        seen = manifest()
        readers = f"Readers still see the night of {seen['as_of']}." if seen else "Nothing was ever published."
        return f"\nNOT PUBLISHED: {_failures(report)}\n{readers}\nThe report: {report_file()}", NOT_PUBLISHED
    lines = ["", f"PUBLISHED {published['run']}"]
    if published["is_degraded"]:
        stale = ", ".join(
            f"{s['source']} (loaded for {s['loaded_for'] or 'no day'})" for s in published["stale_sources"]
        )
        lines[-1] += f", DEGRADED: stale are {stale}"
    if report.get("failures"):
        lines.append(f"FAILED: {_failures(report)}")
    lines += [
        "",
        *(f"{name:<22}" + "".join(f"{cell:>17}" for cell in cells) for name, *cells in headlines()),
        "",
        *_where_to_look(),
    ]
    is_good = not published["is_degraded"] and not report.get("failures")
    return "\n".join(lines), PUBLISHED if is_good else DEGRADED


def _where_to_look() -> list[str]:
    current = published_dir() / "current"
    return [
        "Where to look:",
        f"  pages    {current / 'site' / 'index.html'}",
        f"  DuckDB   duckdb -readonly {current / 'marketing.duckdb'}   (and sales.duckdb)",
        "  Python   import duckdb",
        f"           duckdb.connect('{current / 'sales.duckdb'}', read_only=True).sql('from sales.sales.rpt_pipeline')",
        f"  Parquet  {current / 'parquet'}",
    ]


def _failures(report: dict) -> str:
    failures = [f"{failure['task']}: {failure['reason']}" for failure in report.get("failures", [])]
    return "; ".join(failures) or "the night did not get as far as publishing"


def _note(run_id: str, **facts: object) -> None:
    report = {"as_of": business_day().isoformat(), "run_id": run_id, **read_report(run_id), **facts}
    report_file().parent.mkdir(parents=True, exist_ok=True)
    unfinished = report_file().with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(report, indent=2) + "\n")
    os.replace(unfinished, report_file())


@contextmanager
def _alone() -> Iterator[None]:
    """One task at a time: sources that fail at once under a scheduler each keep their line."""
    report_file().parent.mkdir(parents=True, exist_ok=True)
    with report_file().with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
