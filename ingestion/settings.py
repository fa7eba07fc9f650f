"""What differs by machine and night: where everything lies and which business day it is, from the environment."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path


def warehouse_dir() -> Path:
    """`WAREHOUSE_DIR` (default `./data`), absolute: holds raw, build, published and every tool's state."""
    return Path(os.environ.get("WAREHOUSE_DIR") or "data").resolve()


def raw_file(source: str) -> Path:
    """The DuckDB file of one source; its tables are in schema `raw`."""
    return warehouse_dir() / "raw" / f"{source}.duckdb"


def business_day() -> date:
    """`AS_OF` (YYYY-MM-DD), else the last day that is over in UTC. Raises `ValueError` naming AS_OF if it is no day."""
    as_of = os.environ.get("AS_OF")
    if not as_of:
        return (datetime.now(UTC) - timedelta(days=1)).date()
    try:
        return date.fromisoformat(as_of)
    except ValueError:
        raise ValueError(f"AS_OF is {as_of!r}: it must be a day such as 2026-06-30") from None


def listed(text: str) -> list[str]:
    """The values of a comma-separated setting; none if it is empty."""
    return [value.strip() for value in text.split(",") if value.strip()]
