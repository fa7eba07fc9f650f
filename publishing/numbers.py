"""The numbers that a night tells its readers: the headlines, and one table for each `.sql` beside the pages.

Such a file is a query over what readers see, `marketing` and `sales` attached, the night's day in `night.as_of`. Its
first comment is the part of the page and the table's heading, the further ones its note. To add a table, copy a file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import yaml

from publishing.nights import manifest, published_dir

TABLES = Path(__file__).parent / "pages"
VARS = Path("dbt_project/vars.yml")

HEADLINES = """
    with periods as (
        select 1 as position, 'that day' as period, as_of as first_day, as_of as last_day from night
        union all
        select 2, 'month to date', cast(date_trunc('month', as_of) as date), as_of from night
        union all
        select
            3, 'month before', cast(date_trunc('month', as_of) as date) - interval 1 month,
            cast(date_trunc('month', as_of) as date) - interval 1 day
        from night
        union all
        select 4, 'since the start', cast('1900-01-01' as date), as_of from night
    ),
    channel_days as (
        select
            period, sum(spend_reporting) as spend, sum(leads) as leads, sum(qualified_leads) as qualified_leads,
            if(sum(unconverted_spend_rows) = 0, cast(spend / nullif(sum(leads), 0) as decimal(18, 2)), null)
                as cost_per_lead,
            sum(unconverted_spend_rows) as spend_without_a_rate, sum(customers) as customers, sum(revenue) as revenue
        from periods
        left join marketing.marketing.rpt_channel_performance on activity_date between first_day and last_day
        group by period
    ),
    handoffs as (
        select period, count(handoff_key) as handoffs, count(handoff_key) filter (where verdict = 'met') as handoffs_met
        from periods
        left join marketing.alignment.fct_handoffs on business_date(qualified_at) between first_day and last_day
        group by period
    )
    select * exclude (position, first_day, last_day)
    from channel_days join handoffs using (period) join periods using (period)
    order by position
"""


@dataclass(frozen=True)
class Table:
    """A table of the page: text cells, the first column names the row."""

    part: str
    heading: str
    note: str
    columns: list[str]
    rows: list[list[str]]


def headlines() -> list[list[str]]:
    """A row of periods, then one row a number; money in the reporting currency."""
    with _published() as connection:
        names, periods = _answer(connection, HEADLINES)
    return [list(row) for row in zip(["", *names[1:]], *periods, strict=True)]


def tables() -> list[Table]:
    """The tables of the page, in the order of their files."""
    with _published() as connection:
        return [_table(connection, file.read_text()) for file in sorted(TABLES.glob("*.sql"))]


def _table(connection: duckdb.DuckDBPyConnection, query: str) -> Table:
    title, *note = [line.removeprefix("-- ") for line in query.splitlines() if line.startswith("-- ")]
    part, heading = title.split(": ")
    return Table(part, heading, " ".join(note), *_answer(connection, query))


def _answer(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[list[str], list[list[str]]]:
    """Names and rows in words."""
    result = connection.execute(query)
    names = [column[0].replace("_", " ") for column in result.description]
    return names, [[_told(cell) for cell in row] for row in result.fetchall()]


@contextmanager
def _published() -> Iterator[duckdb.DuckDBPyConnection]:
    """What readers see now, the table `night` with its day, and the macro `business_date` of a moment."""
    with duckdb.connect() as connection:
        for department in ("marketing", "sales"):
            file = published_dir() / "current" / f"{department}.duckdb"
            connection.execute(f"attach '{file}' as {department} (read_only)")
        connection.execute(f"create temp table night as select cast('{manifest()['as_of']}' as date) as as_of")
        zone = yaml.safe_load(VARS.read_text())["vars"]["business_time_zone"]
        connection.execute(f"create macro business_date(x) as cast(x at time zone 'UTC' at time zone '{zone}' as date)")
        yield connection


def _told(value: str | date | int | Decimal | float | None) -> str:
    """A cell in words: counts, money to the cent, ratios as percentages."""
    match value:
        case None:
            return "-"
        case int():
            return f"{value:,}"
        case Decimal():
            return f"{value:,.2f}"
        case float():
            return f"{value:.1%}"
        case _:
            return str(value)
