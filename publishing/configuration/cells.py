"""What a cell of a seed or a setting may stand for."""

import re
from datetime import date
from functools import cache

import duckdb


def number(value: str | None) -> float | None:
    """A cell as a number; None if it is none."""
    return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value or "") else None


def day(value: object) -> date | None:
    """A cell or setting as a day; None if it is none."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


@cache
def time_zones() -> set[str]:
    """The names that DuckDB's clock knows."""
    with duckdb.connect() as connection:
        return {name for (name,) in connection.execute("select name from pg_timezone_names()").fetchall()}
