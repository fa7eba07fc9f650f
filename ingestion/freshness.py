"""How fresh each source's raw data is: read from the `loads` table that every load commits with its data."""

import os
from datetime import date

import duckdb

from ingestion import SOURCES
from ingestion.settings import business_day, raw_file


def newest_day(source: str) -> date | None:
    """The newest business day a source was loaded for; None if it never was."""
    return _state(source)[0]


def stand_on_loaded_day() -> None:
    """Where `AS_OF` is not set, report on the newest day any source was loaded for: what follows a load by hand.

    Raises `ValueError` if `AS_OF` is no day.
    """
    newest = max(filter(None, map(newest_day, SOURCES)), default=None)
    if newest and not os.environ.get("AS_OF"):
        os.environ["AS_OF"] = newest.isoformat()
    business_day()


def stale_sources() -> list[dict[str, str | None]]:
    """The configured sources whose data ends before the business day, and where it ends: they degrade the night.

    A source that is not configured is empty on purpose and never stale.
    """
    stale = []
    for source in SOURCES:
        newest, is_configured = _state(source)
        if is_configured and (newest is None or newest < business_day()):
            stale.append({"source": source, "loaded_for": newest.isoformat() if newest else None})
    return stale


def configured_sources() -> list[str]:
    """The sources that had credentials when they were last asked to load."""
    return [source for source in SOURCES if _state(source)[1]]


def _state(source: str) -> tuple[date | None, bool]:
    if not raw_file(source).exists():
        return None, False
    with duckdb.connect(str(raw_file(source)), read_only=True) as connection:
        return connection.execute(
            "select (select max(as_of) from raw.loads), coalesce((select is_configured from raw.configuration), false)"
        ).fetchone()
