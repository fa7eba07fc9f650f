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
NO_PLACES = "select null::varchar as found_for, null as place where false"
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
        return re.sub(r"\b\w+ is the last\b", "true", self.told).replace(" and true", "")

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
    def largest_first(self) -> str:
        """The order of rows in which those come first that add most; none if nothing is summed."""
        summed = [
            f"abs({term.this.sql('duckdb')}) desc nulls last" for term, _ in self._terms if isinstance(term, exp.Sum)
        ]
        return ", ".join(dict.fromkeys(summed))

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


def period_of(columns: list[str]) -> tuple[str, str] | None:
    """The period in which a table tells, and the condition that a row is of that of a day (a parameter)."""
    begins = next((name for name in PERIODS if name in columns), None)
    if "period_end" in columns:
        return "period", f"?::date between {begins} and period_end"
    if begins:
        return PERIODS[begins], f"date_trunc('{PERIODS[begins]}', {begins}) = date_trunc('{PERIODS[begins]}', ?::date)"
    return None


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
    connection.execute(f"set variable ad_platforms = {settings['ad_platforms']}")
    connection.execute(f"set variable as_of = date '{as_of}'")
    connection.execute(f"create temp view spend_records as {(FOLDER / 'spend_records.sql').read_text()}")
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
    order = ", ".join(filter(None, [formula.largest_first, *rows_columns(connection, table)]))
    connection.execute(
        f"create or replace temp table behind as select * from ({rows_file(table).read_text()}) "
        f"where ({where}) and ({formula.takes_part}) order by {order}",
        parameters,
    )
    columns = _telling_columns(connection)
    _place(connection, [column for column in columns if column.endswith("_key")])
    touches = NO_TOUCHES
    if "touch_key" in columns or {"person_key", "moment"} <= columns.keys():
        found_by = SAME_TOUCH if "touch_key" in columns else EARLIER_TOUCHES
        touches = (FOLDER / "touches.sql").read_text().format(found_by=found_by)
    connection.execute(f"create or replace temp table touches as {touches}")
    _find_records(connection, columns.keys() | ({"touch_key"} if touches != NO_TOUCHES else set()))
    first = sorted(
        columns, key=lambda name: 0 if name in PERIODS or name == "channel" else 1 + (name not in formula.columns)
    )
    connection.execute(f"create or replace temp table behind as select {', '.join(first)} from behind")


def _place(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> None:
    """Fill the table `places` with the first row of each key, so that what leads on from rows comes in their order."""
    found = " union all ".join(f"select {key} as found_for, rowid as place from behind" for key in keys) or NO_PLACES
    connection.execute(
        f"create or replace temp table places as select found_for, min(place) as place from ({found}) group by all"
    )


def _telling_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The columns that say something of these rows, and for how many; the others are theirs who count otherwise."""
    columns = connection.execute(
        "select column_name, numeric_scale from duckdb_columns() where table_name = 'behind'"
    ).fetchall()
    if "moment" not in dict(columns):
        connection.execute("alter table behind add column moment timestamp")
    told = [f"count({name if scale is None else f'nullif({name}, 0)'})" for name, scale in columns]
    counts = connection.execute(f"select {', '.join(told)} from behind").fetchone()
    counted = dict(zip(dict(columns), counts, strict=True))
    return {column: count for column, count in counted.items() if count} or counted


def _find_records(connection: duckdb.DuckDBPyConnection, keys: set[str]) -> None:
    queries = [path.read_text() for path in sorted((FOLDER / "records").glob("*.sql")) if path.stem in keys]
    records = " union all ".join(f"select * from ({query})" for query in queries) or NO_RECORDS
    loads = " union all ".join(
        f"select '{source}' as source, load_id, inserted_at from {source}.raw._dlt_loads" for source in SOURCES
    )
    connection.execute(f"""
        create or replace temp table records as
        select * exclude (place)
        from (
            select distinct records.*, cast(loads.inserted_at as timestamp) as loaded_at
            from ({records}) as records
            left join ({loads}) as loads on records.source = loads.source and records._dlt_load_id = loads.load_id
        )
        left join places using (found_for)
        order by place nulls last, found_for, source, table_name, record
    """)
