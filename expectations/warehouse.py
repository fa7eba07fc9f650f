"""The Great Expectations data source over the warehouse: every check is pushed down to DuckDB as SQL.

One connection sees the build file as `build` and each raw file under its source's name, all read-only, and `as_of()`,
the business day. GX has no DuckDB data source; it works over the SQLAlchemy dialect of duckdb-sqlalchemy with
transactions left out: GX reads a result after closing its connection, and the rollback at closing would destroy it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import great_expectations as gx
from duckdb_sqlalchemy import Dialect
from great_expectations.data_context import EphemeralDataContext
from great_expectations.datasource.fluent import SQLDatasource
from sqlalchemy.dialects import registry

from ingestion import SOURCES
from ingestion.settings import business_day, raw_file
from publishing.nights import build_file


class WarehouseDialect(Dialect):
    """DuckDB without transactions, with the warehouse's files attached read-only."""

    supports_statement_cache = True

    def connect(self, *args, **parameters):
        """A connection in memory that sees every file of the warehouse that exists."""
        connection = super().connect(*args, **parameters)
        connection.execute("load icu")
        connection.execute("set TimeZone = 'UTC'")
        for name, path in _files().items():
            connection.execute(f"attach if not exists '{path}' as {name} (read_only)")
        connection.execute(f"create or replace macro as_of() as date '{business_day()}'")
        return connection

    def do_begin(self, dbapi_connection) -> None:
        """Nothing: see the module."""

    def do_commit(self, dbapi_connection) -> None:
        """Nothing: see the module."""

    def do_rollback(self, dbapi_connection) -> None:
        """Nothing: see the module."""


registry.register("duckdb.warehouse", __name__, WarehouseDialect.__name__)


def _files() -> dict[str, Path]:
    """The files of the warehouse that exist, by the name under which the checks know them."""
    files = {"build": build_file(), **{source: raw_file(source) for source in SOURCES}}
    return {name: path for name, path in files.items() if path.exists()}


@contextmanager
def warehouse() -> Iterator[tuple[EphemeralDataContext, SQLDatasource]]:
    """A GX context with its data source; no file of the warehouse is held open afterwards."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql(
        "warehouse", connection_string="duckdb+warehouse:///:memory:", create_temp_table=False
    )
    try:
        yield context, source
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()
