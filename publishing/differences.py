"""What differs between two nights, row by row: `python -m publishing.differences <night> [<other night>]`.

    AS_OF=2026-06-30 make build && make status AGAINST=2026-06-30.1

compares a kept night with what is built now, or with another kept night. An old day built again shows that day as it is
known now, so it differs only by what arrived or was restated since: those rows, by the key of their table. Publishing a
day again keeps the same list beside its tables as `differences.parquet`.
"""

import argparse
import sys

import duckdb

from publishing.models import table_keys
from publishing.nights import FILES, build_file, current_run, published_dir, runs

BUILT = "build"
PEOPLE_GONE = """
    select person_key from earlier.core.dim_people
    except select person_key from later.core.dim_people
    order by person_key
"""
NIGHTS_WITH_LINKS = "select database_name from duckdb_tables() where table_name = 'fct_identity_links'"
PEOPLE_CHANGED = """
    with earlier_records as (select distinct record_key, person_key from earlier.sales.fct_identity_links),
    later_records as (select distinct record_key, person_key from later.sales.fct_identity_links)
    select earlier_records.person_key, later_records.person_key, count(*)
    from earlier_records join later_records using (record_key)
    where earlier_records.person_key != later_records.person_key
    group by all order by all
"""
# One row for each row that is there in one night only, and for each value of a row that is not what it was.
DIFFERENCES = """
    create table differences (
        table_name varchar, row_key json, change varchar,
        column_name varchar, earlier_value varchar, later_value varchar
    )
"""
PAIRS = """
    create or replace temp table pairs as
    select earlier, later
    from (select told as earlier from (select {columns} from {earlier}) as told)
    full join (select told as later from (select {columns} from {later}) as told)
        on ({earlier_key}) is not distinct from ({later_key})
    where earlier is distinct from later
"""
ROWS = """
    insert into differences (table_name, row_key, change)
    select '{table}', to_json({{{key}}}), if(earlier is null, 'added', 'removed') from pairs
    where earlier is null or later is null
"""
VALUES = """
    insert into differences
    select
        '{table}', to_json({{{key}}}), 'changed', cell.name, if(cell.is_shown, cell.earlier, null),
        if(cell.is_shown, cell.later, null)
    from (select earlier, later, unnest([{cells}]) as cell from pairs where earlier is not null and later is not null)
    where cell.earlier is distinct from cell.later
"""
COUNTS = """
    with rows_changed as (
        select table_name, change, count(distinct coalesce(row_key, '{}')) as row_count from differences group by all
    ),
    columns_changed as (
        select table_name, column_name, count(*) as row_count from differences
        where column_name is not null group by all
    )
    select
        table_name,
        map_from_entries(list((change, row_count) order by change)),
        (select map_from_entries(list((column_name, row_count) order by column_name)) from columns_changed as of
         where of.table_name = rows_changed.table_name)
    from rows_changed group by table_name order by table_name
"""
LISTED = """
    select table_name, change, cast(row_key as varchar), column_name, earlier_value, later_value
    from differences order by all
"""


def differences(earlier: str, later: str = BUILT) -> duckdb.DuckDBPyConnection:
    """A connection whose table `differences` lists what differs between two nights, kept ones or `build`.

    `change` is added, removed or changed; the latter has a row for each column. A table that only one night has, or
    whose key is another now, is one row without a key. Text of sales may name somebody: only that it changed is told.
    """
    connection = duckdb.connect()
    connection.execute(DIFFERENCES)
    tables = {night: _attached(connection, night, name) for night, name in (("earlier", earlier), ("later", later))}
    for table in sorted(tables["earlier"].keys() ^ tables["later"].keys()):
        _note_table(connection, table, "added" if table in tables["later"] else "removed")
    keys = table_keys()
    for table in sorted(tables["earlier"].keys() & tables["later"].keys()):
        _compare(connection, table, keys[table], tables["earlier"][table], tables["later"][table])
    return connection


def differences_counted(connection: duckdb.DuckDBPyConnection) -> dict[str, dict]:
    """By table: how many rows were added, removed and changed, and in how many rows each column changed."""
    return {
        table: {change: rows.get(change, 0) for change in ("added", "removed", "changed")} | {"columns": columns or {}}
        for table, rows, columns in connection.execute(COUNTS).fetchall()
    }


def told_differences(counted: dict[str, dict]) -> list[str]:
    """One line for each table that differs."""
    return [
        f"{table}: {rows['added']:,} rows added, {rows['removed']:,} removed, {rows['changed']:,} changed"
        + (f" in {', '.join(rows['columns'])}" if rows["columns"] else "")
        for table, rows in counted.items()
    ]


def people_gone() -> list[str]:
    """Person keys that readers see now and not in this night: merged into an older record, left out or erased."""
    if current_run() is None:
        return []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build_file()}' as later (read_only)")
        connection.execute(f"attach '{published_dir() / 'current' / 'marketing.duckdb'}' as earlier (read_only)")
        return [key for (key,) in connection.execute(PEOPLE_GONE).fetchall()]


def people_changed() -> list[dict[str, str | int]]:
    """Whose records readers see under one person key now, and this night shows under another; how many records.

    They were joined to an older record, or parted: an identifier came to be shared by too many.
    """
    earlier = published_dir() / "current" / "sales.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build_file()}' as later (read_only)")
        if current_run() is not None:
            connection.execute(f"attach '{earlier}' as earlier (read_only)")
        if len(connection.execute(NIGHTS_WITH_LINKS).fetchall()) < 2:
            return []
        changes = connection.execute(PEOPLE_CHANGED).fetchall()
    return [{"from": before, "to": after, "records": records} for before, after, records in changes]


def _compare(connection: duckdb.DuckDBPyConnection, table: str, key: list[str], earlier: str, later: str) -> None:
    """Add what differs of one table; columns that only one night has are left to the contract."""
    described = {name: connection.execute(f"describe {name}").fetchall() for name in (earlier, later)}
    types = {name: data_type for name, data_type, *_ in described[earlier]}
    columns = [name for name, *_ in described[later] if name in types]
    if not set(key) <= set(columns):
        _note_table(connection, table, "changed")
        return
    parts = {
        "table": table,
        "earlier": earlier,
        "later": later,
        "columns": ", ".join(columns),
        "earlier_key": ", ".join(f"earlier.{name}" for name in key),
        "later_key": ", ".join(f"later.{name}" for name in key),
        "key": ", ".join(f"{name}: coalesce(earlier.{name}, later.{name})" for name in key),
        "cells": ", ".join(_cell(table, name, types[name]) for name in columns if name not in key),
    }
    connection.execute(PAIRS.format(**parts))
    connection.execute(ROWS.format(**parts))
    if parts["cells"]:
        connection.execute(VALUES.format(**parts))


def _note_table(connection: duckdb.DuckDBPyConnection, table: str, change: str) -> None:
    connection.execute("insert into differences (table_name, change) values (?, ?)", [table, change])


def _cell(table: str, column: str, data_type: str) -> str:
    names_nobody = table.partition(".")[0] in FILES["marketing"] or data_type != "VARCHAR"
    values = ", ".join(f"{night}: cast({night}.{column} as varchar)" for night in ("earlier", "later"))
    return f"{{name: '{column}', is_shown: {names_nobody}, {values}}}"


def _attached(connection: duckdb.DuckDBPyConnection, night: str, name: str) -> dict[str, str]:
    """The published tables of a night by `schema.table`, as they are called on the connection."""
    files = [build_file()] if name == BUILT else [published_dir() / name / f"{file}.duckdb" for file in FILES]
    for number, path in enumerate(files):
        connection.execute(f"attach '{path}' as {night}_{number} (read_only)")
    schemas = sorted({schema for schemas in FILES.values() for schema in schemas})
    names = connection.execute(
        "select schema_name || '.' || table_name, max(database_name) from duckdb_tables() "
        "where starts_with(database_name, ?) and list_contains(?, schema_name) group by all",
        [f"{night}_", schemas],
    ).fetchall()
    return {table: f"{database}.{table}" for table, database in names}


def main() -> int:
    """List what differs, a line a table and then a line a row; 1 if one of the nights is not there."""
    parser = argparse.ArgumentParser(prog="python -m publishing.differences", description="What differs of two nights.")
    parser.add_argument("earlier", help="a kept night, as `make status` names it")
    parser.add_argument("later", nargs="?", default=BUILT, help="another one (default: what is built now)")
    nights = parser.parse_args()
    if unknown := [name for name in (nights.earlier, nights.later) if not _is_there(name)]:
        print(f"there is no night {' or '.join(unknown)}; kept are: {', '.join(runs()) or 'none'}", file=sys.stderr)
        return 1
    with differences(nights.earlier, nights.later) as connection:
        lines = told_differences(differences_counted(connection))
        print("\n".join(lines) or "nothing differs")
        for table, change, key, column, earlier, later in connection.execute(LISTED).fetchall():
            print("  ".join(filter(None, (table, change, key, column and _told_value(column, earlier, later)))))
    return 0


def _is_there(night: str) -> bool:
    return build_file().exists() if night == BUILT else night in runs()


def _told_value(column: str, earlier: str | None, later: str | None) -> str:
    if earlier is None and later is None:  # text of sales
        return column
    return f"{column}: {'null' if earlier is None else earlier} -> {'null' if later is None else later}"


if __name__ == "__main__":
    sys.exit(main())
