"""Money and time in plain Python, to hold the models to."""

from bisect import bisect_right
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isclose

CENT = Decimal("0.01")


def agree(told: dict, expected: dict, cents: int = 1) -> bool:
    """Whether all figures are the same: money up to so many cents and ratios as near, where parts are rounded."""
    if told.keys() != expected.keys():
        return False
    pairs = [(told[name], value) for name, value in expected.items()]
    return all(
        (one is None) is (other is None)
        and (other is None or isclose(one, other, rel_tol=1e-6, abs_tol=cents * 0.01 * isinstance(other, Decimal)))
        for one, other in pairs
    )


class Rates:
    """Exchange rates to US dollars: the last one on or before a day, at most seven days old."""

    def __init__(self, quotes: list[dict]) -> None:
        self._found = defaultdict(list)
        for quote in quotes:
            if quote["to_currency"] == "USD":
                self._found[quote["from_currency"]].append((quote["rate_date"], Decimal(str(quote["rate"]))))
            elif quote["from_currency"] == "USD":
                self._found[quote["to_currency"]].append((quote["rate_date"], 1 / Decimal(str(quote["rate"]))))
        for rows in self._found.values():
            rows.sort()

    def of(self, currency: str, day: date) -> Decimal | None:
        """The rate of a day; None without one."""
        if currency == "USD":
            return Decimal(1)
        rows = self._found[currency]
        position = bisect_right(rows, day, key=lambda row: row[0])
        return rows[position - 1][1] if position and rows[position - 1][0] >= day - timedelta(days=7) else None


def month_of(moment: datetime | date) -> date:
    """The first day of its month."""
    day = moment.date() if isinstance(moment, datetime) else moment
    return day.replace(day=1)
