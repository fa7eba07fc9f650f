"""Publish the built marts: `python -m publishing.publish`.

Writes the night into a folder of its own (two DuckDB files that DuckDB 1.x reads too, the same tables as Parquet, a
manifest), makes it read-only and flips `published/current` to it. The same tables as the current night's for the same
business day change nothing. A kill at any moment leaves the current night as it was.
"""

import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingestion.freshness import stale_sources
from ingestion.settings import business_day
from publishing.differences import differences, differences_counted, people_changed, people_gone, told_differences
from publishing.left_out import left_out
from publishing.models import descriptions
from publishing.nights import (
    FILES,
    KEPT_NIGHTS,
    build_file,
    current_run,
    flip_to,
    manifest,
    published_dir,
    runs,
    stand_on_built_day,
)

# The oldest storage version that every DuckDB since 1.2 reads: most BI drivers are 1.x.
STORAGE_VERSION = "v1.2.0"


class PublishError(Exception):
    """The night cannot be published; the message says why and what to do."""


def publish() -> dict:
    """Publish the built warehouse and say so; returns the manifest of what readers see now.

    The manifest's `run` is new unless the same day's tables were published already. Raises `PublishError`.
    """
    if not build_file().exists():
        raise PublishError(f"there is no built warehouse at {build_file()}: run `make build` first")
    as_of = business_day().isoformat()
    folder = published_dir() / f".writing-{os.getpid()}"
    _remove_unfinished()
    folder.mkdir(parents=True)
    _write_tables(folder)
    tables = checksums(build_file())
    stale = stale_sources()
    night = {"as_of": as_of, "is_degraded": bool(stale), "stale_sources": stale, "tables": tables}
    current = manifest()
    if current and current.items() >= night.items():
        shutil.rmtree(folder)
        _tell(current, is_new=False)
        return current
    night |= {"checks": _checks(), "left_out": left_out()}
    night |= {"people_gone": people_gone(), "people_changed": people_changed()}
    night["differences"] = _differences(as_of, folder / "differences.parquet")
    night = {"run": _next_run(as_of), "published_at": datetime.now(UTC).isoformat(timespec="microseconds"), **night}
    (folder / "manifest.json").write_text(json.dumps(night, indent=2) + "\n")
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
    os.replace(folder, published_dir() / night["run"])
    flip_to(night["run"])
    _forget_old_nights()
    _tell(night, is_new=True)
    return night


def checksums(build: Path) -> dict[str, dict]:
    """Rows and checksum of every table of a built warehouse that is published, by `schema.table`.

    A checksum does not depend on the order of the rows. Raises `PublishError` if a schema has no tables.
    """
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build}' as build (read_only)")
        for schema in sorted({schema for schemas in FILES.values() for schema in schemas}):
            for table in _tables_of(connection, schema):
                rows, checksum = connection.execute(
                    "select count(*), coalesce(sum(cast(md5_number_lower(cast(to_json(t) as varchar)) as hugeint)), 0) "
                    f"from build.{schema}.{table} as t"
                ).fetchone()
                found[f"{schema}.{table}"] = {"rows": rows, "checksum": f"{checksum:x}"}
    return found


def _write_tables(folder: Path) -> None:
    """Copy every mart with what its columns mean into its published files, and beside them as Parquet."""
    described = descriptions()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build_file()}' as build (read_only)")
        for name, schemas in FILES.items():
            connection.execute(f"attach '{folder / name}.duckdb' as {name} (storage_version '{STORAGE_VERSION}')")
            for schema in schemas:
                connection.execute(f"create schema {name}.{schema}")
                parquet = folder / "parquet" / schema
                parquet.mkdir(parents=True, exist_ok=True)
                for table in _tables_of(connection, schema):
                    connection.execute(f"create table {name}.{schema}.{table} as from build.{schema}.{table}")
                    _describe(connection, f"{name}.{schema}.{table}", described.get(f"{schema}.{table}"))
                    path = parquet / f"{table}.parquet"
                    if not path.exists():
                        connection.execute(
                            f"copy build.{schema}.{table} to '{path}' (format parquet, compression zstd)"
                        )
            connection.execute(f"checkpoint {name}")
            connection.execute(f"detach {name}")


def _describe(connection: duckdb.DuckDBPyConnection, table: str, told: dict | None) -> None:
    """Leave the descriptions as comments, where BI tools show them."""
    if told is None:
        return
    columns = {f'column {table}."{column}"': text for column, text in told["columns"].items()}
    for name, text in {f"table {table}": told["description"], **columns}.items():
        quoted = text.replace("'", "''")
        connection.execute(f"comment on {name} is '{quoted}'")


def _tables_of(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'build' and schema_name = ? order by table_name",
        [schema],
    ).fetchall()
    if not rows:
        raise PublishError(f"the built warehouse has no table in schema {schema}: run `make build` again")
    return [name for (name,) in rows]


def _differences(as_of: str, path: Path) -> dict | None:
    """What differs from the last kept night of the same day, counted, and listed at `path`; None if there is none."""
    before = [run for run in runs() if manifest(run)["as_of"] == as_of]
    if not before:
        return None
    with differences(before[-1]) as connection:
        connection.execute(f"copy differences to '{path}' (format parquet, compression zstd)")
        return {"from": before[-1], "tables": differences_counted(connection)}


def _checks() -> dict:
    """How many checks of the build passed, warned and failed, as the checkpoint left them; empty if none ran."""
    path = build_file().parent / "checks.json"
    if not path.exists():
        return {}
    results = json.loads(path.read_text())
    warnings = [check for check in results if not check["success"]]
    return {"passed": len(results) - len(warnings), "warnings": warnings}


def _next_run(as_of: str) -> str:
    """`<as_of>.<n>`: a day that is published again, with other tables, gets the next number."""
    numbers = [int(run.partition(".")[2]) for run in runs() if run.startswith(f"{as_of}.")]
    return f"{as_of}.{max(numbers, default=0) + 1}"


def _remove_unfinished() -> None:
    for folder in published_dir().glob(".writing-*"):
        shutil.rmtree(folder)


def _forget_old_nights() -> None:
    """Keep the last nights and, whatever its age, the current one."""
    for run in runs()[:-KEPT_NIGHTS]:
        if run != current_run():
            shutil.rmtree(published_dir() / run)


def _tell(night: dict, *, is_new: bool) -> None:
    rows = sum(table["rows"] for table in night["tables"].values())
    verb = "published" if is_new else "unchanged"
    print(f"  {verb}   {night['run']}: {len(night['tables'])} tables, {rows:,} rows", flush=True)
    if is_new and night["differences"]:
        for line in told_differences(night["differences"]["tables"]) or ["nothing"]:
            print(f"  differs     from {night['differences']['from']}: {line}", flush=True)
    for source in night["stale_sources"]:
        print(f"  stale       {source['source']}: last loaded for {source['loaded_for'] or 'no day'}", flush=True)


def main() -> int:
    """Publish the built warehouse; 1 if there is none."""
    try:
        stand_on_built_day()
        publish()
    except (PublishError, ValueError) as error:
        print(f"not published: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
