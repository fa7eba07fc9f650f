"""The rows behind a metric: its formula as SQL, the rows that take part in it, their touches and raw records."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb
import sqlglot
import yaml
from sqlglot import exp

from ingestion import SOURCES
from ingestion.settings import raw_file

FOLDER = Path(__file__).parent
VARS = Path("dbt_project/vars.yml")
# The columns in which a table says its period, and how long that is; where it has a `period_end`, until then.
PERIODS = {
    "activity_date": "day",
    "as_of_date": "day",
    "closed_date": "day",
    "posted_date": "day",
    "qualified_at": "day",
    "created_at": "day",
    "week_start_date": "week",
    "month_start_date": "month",
    "cohort_month": "month",
    "period_start": "month",
    "period_start_date": "month",
}
SAME_TOUCH = "behind.touch_key = touches.touch_key"
EARLIER_TOUCHES = "behind.person_key = touches.person_key and touches.touched_at <= behind.moment"
NO_TOUCHES = "select null as touch_key where false"
NO_RECORDS = (
    "select null as found_for, null as source, null as table_name, null as record, null as _dlt_load_id where false"
)


@dataclass(frozen=True)
class Formula:
    """A metric's formula as core.metric_definitions says it, read as SQL over the rows of its table."""

    told: str

    @property
    def sql(self) -> str:
        """The formula for the rows of one period, of which each is the last."""
        return re.sub(r"\b\w+ is the last\b", "true", self.told)

    @cached_property
    def _terms(self) -> list[tuple[exp.AggFunc, exp.Expression | None]]:
        """What is summed or counted, each with the condition on its rows."""
        terms = []
        for term in sqlglot.parse_one(self.sql, dialect="duckdb").find_all(exp.AggFunc):
            condition = term.parent.expression.this if isinstance(term.parent, exp.Filter) else None
            terms.append((term, condition))
        return terms

    @property
    def sums(self) -> list[str]:
        """Each sum or count of a formula that has several, as SQL."""
        told = [(term.parent if condition else term).sql("duckdb") for term, condition in self._terms]
        return list(dict.fromkeys(told)) if len(told) > 1 else []

    @property
    def columns(self) -> set[str]:
        """The columns it is computed from."""
        return {column.name for column in sqlglot.parse_one(self.sql, dialect="duckdb").find_all(exp.Column)}

    @property
    def takes_part(self) -> str:
        """The condition of a row without which the formula would be the same."""
        conditions = []
        for term, condition in self._terms:
            counted = term.this.expressions[0] if isinstance(term.this, exp.Distinct) else term.this
            says = f"({counted.sql('duckdb')}) " + ("<> 0" if isinstance(term, exp.Sum) else "is not null")
            conditions.append(f"({says} and {condition.sql('duckdb')})" if condition else says)
        return " or ".join(conditions)


def rows_file(table: str) -> Path:
    """Where the rows behind a published table are told, if they are."""
    return FOLDER / "rows" / f"{table}.sql"


def period_of(columns: list[str], rows: str = "") -> str | None:
    """The condition that a row is of the period of a day (a parameter); None without a column that says a period."""
    begins = next((name for name in PERIODS if name in columns), None)
    if "period_end" in columns:
        return f"?::date between {rows}{begins} and {rows}period_end"
    return (
        f"date_trunc('{PERIODS[begins]}', {rows}{begins}) = date_trunc('{PERIODS[begins]}', ?::date)"
        if begins
        else None
    )


def open_warehouse(path: Path, as_of: date) -> duckdb.DuckDBPyConnection:
    """The build of a business day and the raw files it came from, read-only, with what the queries here ask for."""
    settings = yaml.safe_load(VARS.read_text())["vars"]
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"attach '{path}' as build (read_only)")
    for source in SOURCES:
        connection.execute(f"attach '{raw_file(source)}' as {source} (read_only)")
    zone = settings["business_time_zone"]
    connection.execute(f"create macro business_date(x) as cast(x at time zone 'UTC' at time zone '{zone}' as date)")
    connection.execute(f"set variable attribution_model = '{settings['default_attribution_model']}'")
    connection.execute(f"set variable as_of = date '{as_of}'")
    return connection


def rows_columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The columns of the rows behind a table; none if nothing is known of them."""
    if not rows_file(table).exists():
        return []
    return [column[0] for column in connection.execute(f"from ({rows_file(table).read_text()}) limit 0").description]


def find_behind(
    connection: duckdb.DuckDBPyConnection, table: str, formula: Formula, where: str, parameters: list
) -> None:
    """Fill the tables `behind`, `touches` and `records` with all that makes a metric's numbers."""
    connection.execute(
        f"create or replace temp table behind as select * from ({rows_file(table).read_text()}) "
        f"where ({where}) and ({formula.takes_part}) order by all",
        parameters,
    )
    columns = _telling_columns(connection)
    touches = NO_TOUCHES
    if "touch_key" in columns or {"person_key", "moment"} <= columns.keys():
        found_by = SAME_TOUCH if "touch_key" in columns else EARLIER_TOUCHES
        touches = (FOLDER / "touches.sql").read_text().format(found_by=found_by)
    connection.execute(f"create or replace temp table touches as {touches}")
    _find_records(connection, columns.keys() | ({"touch_key"} if touches != NO_TOUCHES else set()))
    connection.execute(f"create or replace temp table behind as select {', '.join(columns)} from behind")


def _telling_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The columns that say something of these rows, and for how many; the others are theirs who count otherwise."""
    columns = [column[0] for column in connection.execute("from behind limit 0").description]
    if "moment" not in columns:
        connection.execute("alter table behind add column moment timestamp")
    counts = connection.execute(f"select {', '.join(f'count({column})' for column in columns)} from behind").fetchone()
    counted = dict(zip(columns, counts, strict=True))
    return {column: count for column, count in counted.items() if count} or counted


def _find_records(connection: duckdb.DuckDBPyConnection, keys: set[str]) -> None:
    queries = [path.read_text() for path in sorted((FOLDER / "records").glob("*.sql")) if path.stem in keys]
    records = " union all ".join(f"select * from ({query})" for query in queries) or NO_RECORDS
    loads = " union all ".join(
        f"select '{source}' as source, load_id, inserted_at from {source}.raw._dlt_loads" for source in SOURCES
    )
    connection.execute(f"""
        create or replace temp table records as
        select distinct records.*, cast(loads.inserted_at as timestamp) as loaded_at
        from ({records}) as records
        left join ({loads}) as loads on records.source = loads.source and records._dlt_load_id = loads.load_id
        order by all
    """)
