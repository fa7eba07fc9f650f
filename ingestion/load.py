"""Load sources into `WAREHOUSE_DIR/raw/<source>.duckdb`.

    python -m ingestion.load                          # every source, for AS_OF or the last complete UTC day
    python -m ingestion.load hubspot google_ads       # some
    python -m ingestion.load --since 2026-01-01 --until 2026-03-31 google_ads     # a backfill

A source without credentials is unconfigured: its tables exist and are empty. A load that was cut off is finished first.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime

import dlt
import duckdb
import pandas  # noqa: F401 - pyarrow imports it where it needs it, and two threads that do so at once break it
from dlt.common.configuration.exceptions import ConfigFieldMissingException
from dlt.extract import DltResource, DltSource

from ingestion import SOURCES
from ingestion.freshness import newest_day
from ingestion.masking import masked
from ingestion.salt import keep_salt
from ingestion.settings import business_day, raw_file, warehouse_dir
from ingestion.volumes import create_volumes, note_volumes


class LoadError(Exception):
    """A source could not be loaded; the message says which, why and what to do."""


@dataclass(frozen=True)
class Load:
    """What one load did: `rows` by table.

    An unconfigured source names the settings it lacks; a source that has newer data already says up to which day.
    """

    source: str
    rows: dict[str, int]
    missing_settings: tuple[str, ...] = ()
    newer_day: date | None = None


def load(source: str, until: date, since: date | None = None) -> Load:
    """Pull one source up to and including the day `until`; `since` makes it a backfill of exactly that window.

    Creates the source's tables first, so that a source that fails still has them. A night older than the newest load
    pulls nothing: what is known now is newer. Raises `LoadError`.
    """
    pipeline = _pipeline(source)
    try:
        _finish_interrupted_load(pipeline)
        data, missing = _source_with_tables(pipeline, until, since)
        if missing:
            return Load(source, {}, missing_settings=missing)
        newest = newest_day(source)
        if since is None and newest and newest > until:
            return Load(source, {}, newer_day=newest)
        pipeline.run(data, loader_file_format="parquet")
        if since is None:
            note_volumes(source, until)
    except Exception as error:
        if pipeline.has_pending_data:
            pipeline.abort_packages()
        raise LoadError(f"{source} was not loaded: {_cause(error)}") from error
    counts = pipeline.last_trace.last_normalize_info.row_counts if pipeline.last_trace else {}
    return Load(source, {table: rows for table, rows in counts.items() if not table.startswith("_dlt")})


def create_tables(source: str) -> None:
    """Create the tables that a source's raw file lacks; the vendor is asked for nothing."""
    _source_with_tables(_pipeline(source), business_day(), None)


def missing_settings(source: str) -> tuple[str, ...]:
    """The environment variables that an unconfigured source lacks; empty if it is configured."""
    return _source_of(source, business_day(), None)[1]


def _pipeline(source: str) -> dlt.Pipeline:
    """The dlt pipeline of a source, which loads into its raw file."""
    keep_salt()
    return dlt.pipeline(
        pipeline_name=source,
        pipelines_dir=str(warehouse_dir() / "state" / "dlt"),
        destination=dlt.destinations.duckdb(str(raw_file(source))),
        dataset_name="raw",
    )


def _source_with_tables(pipeline: dlt.Pipeline, until: date, since: date | None) -> tuple[DltSource, tuple[str, ...]]:
    """The dlt source and the settings it lacks, once all of its tables exist."""
    source = pipeline.pipeline_name
    data, missing = _source_of(source, until, since)
    data.resources.add(_loads(until, since))
    _create_missing_tables(pipeline, data)
    _note_configuration(source, is_configured=not missing)
    create_volumes(source)
    return data, missing


def _finish_interrupted_load(pipeline: dlt.Pipeline) -> None:
    """Load what a killed run left behind: dlt would silently load that instead of new data."""
    if not pipeline.has_pending_data:
        return
    try:
        pipeline.run()
    except Exception:  # noqa: BLE001 - whatever it was, the vendor still has the data
        pipeline.abort_packages()


def _source_of(source: str, until: date, since: date | None) -> tuple[DltSource, tuple[str, ...]]:
    """The dlt source and the environment variables it lacks; lacking any, it can only tell its tables."""
    _forget_empty_settings()
    function = getattr(importlib.import_module(f"ingestion.sources.{source}"), source)
    try:
        return function(until=until, since=since), ()
    except ConfigFieldMissingException as error:
        data = function(until=until, since=since, **dict.fromkeys(error.fields, ""))
        return data, tuple(f"SOURCES__{source}__{field}".upper() for field in error.fields)


def _forget_empty_settings() -> None:
    """A variable that is set to nothing, as in a copied .env.example, is an absent one."""
    for name, value in list(os.environ.items()):
        if name.startswith("SOURCES__") and not value:
            del os.environ[name]


def _loads(until: date, since: date | None) -> DltResource:
    """One row per business day loaded: how fresh a source is, committed together with its data."""
    row = {"as_of": until, "since": since, "loaded_at": datetime.now(UTC)}
    columns = {"as_of": {"data_type": "date"}, "since": {"data_type": "date"}, "loaded_at": {"data_type": "timestamp"}}
    return dlt.resource([row], name="loads", columns=columns, primary_key="as_of", write_disposition="merge")


def _create_missing_tables(pipeline: dlt.Pipeline, data: DltSource) -> None:
    """Create the tables the raw file does not have yet, with every declared column and no rows."""
    with duckdb.connect(str(raw_file(data.name))) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()
    existing = {table for (table,) in tables}
    missing = [resource for name, resource in data.resources.items() if name not in existing]
    if missing:
        pipeline.run(_emptied(data.name, missing), loader_file_format="parquet")


def _note_configuration(source: str, *, is_configured: bool) -> None:
    """Keep whether the source had credentials: one that fails on its first night is stale, not empty."""
    with duckdb.connect(str(raw_file(source))) as connection:
        connection.execute(f"create or replace table raw.configuration as select {is_configured} as is_configured")


def _emptied(source: str, resources: list[DltResource]) -> DltSource:
    """The same tables with no rows."""

    def nothing() -> Iterator[object]:
        yield dlt.mark.materialize_table_schema()

    def tables() -> Iterator[DltResource]:
        for resource in resources:
            table = resource.compute_table_schema()
            yield dlt.resource(
                nothing, name=resource.name, columns=table["columns"], write_disposition=table["write_disposition"]
            )

    return dlt.source(tables, name=source, max_table_nesting=0)()


def _cause(error: BaseException) -> str:
    """The innermost stated reason, in one line: dlt wraps the vendor's answer in the steps it was doing.

    Only stated causes count: what else was being handled at the time explains nothing and may hold a secret.
    """
    while error.__cause__:
        error = error.__cause__
    return masked(f"{type(error).__name__}: {' '.join(str(error).split())}")


def report(outcome: Load | LoadError) -> None:
    """Say in one line what a load did."""
    if isinstance(outcome, LoadError):
        print(f"  failed      {outcome}", file=sys.stderr, flush=True)
    elif outcome.missing_settings:
        print(f"  empty       {outcome.source}: not configured (set {', '.join(outcome.missing_settings)})", flush=True)
    elif outcome.newer_day:
        print(f"  kept        {outcome.source}: already loaded up to {outcome.newer_day}", flush=True)
    else:
        bad = outcome.rows.get("bad_rows", 0)
        aside = f", {bad:,} of them bad and kept aside: raw.bad_rows says why" if bad else ""
        print(f"  loaded      {outcome.source}: {sum(outcome.rows.values()):,} rows{aside}", flush=True)


def _load_or_error(source: str, until: date, since: date | None) -> Load | LoadError:
    try:
        return load(source, until, since)
    except LoadError as error:
        return error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-06-30") from None


def main() -> int:
    """Load the named sources, or all, in parallel; 1 if any failed."""
    parser = argparse.ArgumentParser(prog="python -m ingestion.load", description="Load sources into raw.")
    parser.add_argument("sources", nargs="*", metavar="source", help=f"any of: {', '.join(SOURCES)} (default: all)")
    parser.add_argument("--since", type=_day, help="first day of a backfill (YYYY-MM-DD)")
    parser.add_argument("--until", type=_day, help="last day (default: AS_OF, else yesterday in UTC)")
    arguments = parser.parse_args()
    if unknown := set(arguments.sources) - set(SOURCES):
        parser.error(f"no such source: {', '.join(sorted(unknown))}; there are {', '.join(SOURCES)}")
    try:
        until = arguments.until or business_day()
    except ValueError as error:
        parser.error(str(error))
    with ThreadPoolExecutor(max_workers=4) as pool:
        jobs = [pool.submit(_load_or_error, source, until, arguments.since) for source in arguments.sources or SOURCES]
        outcomes = [job.result() for job in jobs]
    for outcome in outcomes:
        report(outcome)
    return int(any(isinstance(outcome, LoadError) for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
