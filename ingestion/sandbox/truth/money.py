"""Money in the reporting currency, US dollars."""

from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")

Row = dict[str, object]


class Rates:
    """Exchange rates to US dollars: the last one on or before a day, at most seven days old."""

    def __init__(self, rates: list[Row]) -> None:
        found = defaultdict(list)
        for row in rates:
            if row["to_currency"] == "USD":
                found[row["from_currency"]].append((row["rate_date"], row["rate"]))
            else:
                found[row["to_currency"]].append((row["rate_date"], 1 / row["rate"]))
        self._found = {currency: sorted(rows) for currency, rows in found.items()}

    def of(self, currency: str, day: date) -> Decimal | None:
        if currency == "USD":
            return Decimal(1)
        rows = self._found.get(currency, [])
        position = bisect_right(rows, day, key=lambda row: row[0])
        if position == 0 or rows[position - 1][0] < day - timedelta(days=7):
            return None
        return rows[position - 1][1]


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return amount.quantize(_CENT, ROUND_HALF_UP)
