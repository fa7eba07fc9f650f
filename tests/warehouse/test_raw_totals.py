"""Every total that the marts publish, beside the same total of the raw tables they come from.

The raw side is plain SQL on what was loaded, with the views of `by_hand.sql`; columns that hold numbers are totals, the
others say of what. A difference is told with the tables of both sides.
"""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from tests.warehouse.conftest import Night
from tests.warehouse.raw_totals import TOTALS

# What has no total: lists and definitions, which no number is read from.
LISTS = {
    "core.dim_channels",
    "core.dim_companies",
    "core.dim_dates",
    "core.metric_definitions",
}


@pytest.fixture(scope="module")
def built(night: Night) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, read only."""
    with duckdb.connect(str(night.warehouse), read_only=True) as connection:
        connection.execute("create temp macro month_of(moment) as cast(date_trunc('month', moment) as date)")
        connection.execute(f"create temp macro as_of() as date '{night.world.as_of}'")
        yield connection


@pytest.mark.parametrize("total", TOTALS)
def test_total_of_the_mart_is_that_of_raw(
    total: str, built: duckdb.DuckDBPyConnection, raw: duckdb.DuckDBPyConnection
) -> None:
    of_mart, of_raw = TOTALS[total]
    marts, sources = totals(built, of_mart), totals(raw, of_raw)
    views = dict(raw.execute("select view_name, sql from duckdb_views() where not internal").fetchall())
    both = f"{sides(of_mart)} and raw {sides(of_raw, views)}"
    differences = [
        f"{what}: the mart tells {marts[what]}, raw {sources[what]}, the difference is {marts[what] - sources[what]:+}"
        for what in sorted(marts.keys() | sources.keys())
        if marts[what] != sources[what]
    ]
    assert not differences, "\n".join([f"{total} in {both}", *differences])
    assert all(sources[measure] for measure in sources if " of " not in measure), sources


def test_every_mart_has_a_total_that_is_held_against_raw(manifest: dict) -> None:
    marts = {
        f"{node['schema']}.{node['name']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and "marts" in node["path"]
    }
    held = {table for of_mart, _ in TOTALS.values() for table in sides(of_mart).split(", ")}
    assert held & marts == marts - LISTS


def totals(connection: duckdb.DuckDBPyConnection, query: str) -> Counter:
    """Each number of an answer to the cent, by its column and the row's words and days; and each column's own total."""
    answer = connection.execute(query)
    names = [column[0] for column in answer.description]
    found = Counter()
    for row in answer.fetchall():
        of_what = ", ".join(str(value) for value in row if value is not None and not is_number(value))
        for name, value in zip(names, row, strict=True):
            if is_number(value):
                amount = round(Decimal(str(value)), 2)
                found[name] += amount
                found[f"{name} of {of_what}"] += amount
    return found


def is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal)


def sides(query: str, views: dict[str, str] | None = None) -> str:
    """The tables that a query reads, also through the views of `by_hand.sql`."""
    read = re.findall(r"(?:\b(?:from|join) \(*|')([a-z_]+(?:\.[a-z_]+)*)", query, re.IGNORECASE)
    found = [sides(views[name], views) if name in (views or {}) else name for name in read]
    return ", ".join(dict.fromkeys(name for names in found for name in names.split(", ") if "." in name))
