"""How many rows each raw table had after each night: what the next nights' answers are held against.

A night loaded with `SOURCES__ACCEPT_FEWER_ROWS=true` forgets the nights before it: they are no measure any more.
"""

from datetime import date

import dlt
import duckdb

from ingestion.settings import raw_file


def create_volumes(source: str) -> None:
    """Make the table `volumes` of a source that has none yet."""
    with duckdb.connect(str(raw_file(source))) as connection:
        connection.execute('create table if not exists raw.volumes (as_of date, table_name varchar, "rows" bigint)')


def note_volumes(source: str, as_of: date) -> None:
    """Count the source's tables after the load of a night; the same night again replaces its counts."""
    with duckdb.connect(str(raw_file(source))) as connection:
        tables = connection.execute("""
            select table_name from duckdb_tables()
            where schema_name = 'raw' and not starts_with(table_name, '_dlt')
                and table_name not in ('loads', 'configuration', 'volumes')
        """).fetchall()
        connection.begin()
        is_new_past = dlt.config.get("sources.accept_fewer_rows", bool)
        connection.execute("delete from raw.volumes where as_of = ? or ?", [as_of, bool(is_new_past)])
        for (table,) in tables:
            connection.execute(
                f"insert into raw.volumes select ?, ?, count(*) from raw.{table}",
                [as_of, table],
            )
        connection.commit()
