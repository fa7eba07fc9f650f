"""The agreement's clock in plain Python, walked day by day, to hold the models to."""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

SEEDS = Path("dbt_project/seeds")


@dataclass(frozen=True)
class Terms:
    """One row of the seed sla_terms, and the pauses."""

    version: str
    segment: str
    valid_from: date
    committed: Decimal
    response: timedelta
    opens: time
    closes: time
    working_days: str
    zone: ZoneInfo
    holidays: dict[date, str]
    pauses: list[tuple[date, date]]

    @classmethod
    def read(cls, row: dict[str, str], pauses: list[tuple[date, date]]) -> "Terms":
        """A row as it stands in the seed."""
        return cls(
            row["sla_version"],
            row["segment"],
            date.fromisoformat(row["valid_from"]),
            Decimal(row["committed_leads"]),
            timedelta(hours=float(row["response_hours"])),
            time.fromisoformat(row["day_starts_at"]),
            time.fromisoformat(row["day_ends_at"]),
            row["working_days"],
            ZoneInfo(row["time_zone"]),
            holidays.country_holidays(row["country"], years=range(2020, 2036)),
            pauses,
        )

    def works_on(self, day: date) -> bool:
        """Whether the terms' own calendar has it as a working day, pauses aside."""
        return str(day.isoweekday()) in self.working_days and day not in self.holidays

    def hours(self, day: date) -> tuple[datetime, datetime] | None:
        """When a local day opens and closes, in UTC; None if it stays closed."""
        is_paused = any(first <= day <= last for first, last in self.pauses)
        if not self.works_on(day) or is_paused:
            return None
        return tuple(
            datetime.combine(day, moment, tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)
            for moment in (self.opens, self.closes)
        )

    def due(self, start: datetime) -> datetime:
        """When the response time is over; the clock ticks in whole seconds."""
        left, day = self.response, start.date() - timedelta(days=1)
        while True:
            if opening := self.hours(day):
                opens, closes = max(opening[0], start.replace(microsecond=0)), opening[1]
                if opens < closes:
                    if opens + left <= closes:
                        return max(opens + left, start)
                    left -= closes - opens
            day += timedelta(days=1)

    def seconds_between(self, start: datetime, end: datetime) -> int:
        """Business seconds from one moment to another, each cut to its second."""
        start, end = start.replace(microsecond=0), end.replace(microsecond=0)
        total, day = timedelta(), start.date() - timedelta(days=1)
        while day <= end.date() + timedelta(days=1):
            if opening := self.hours(day):
                total += max(min(opening[1], end) - max(opening[0], start), timedelta())
            day += timedelta(days=1)
        return int(total.total_seconds())


def read_terms() -> list[Terms]:
    """The agreement as it stands in the seeds."""
    with (SEEDS / "sla_pauses.csv").open() as file:
        pauses = [
            (date.fromisoformat(row["start_date"]), date.fromisoformat(row["end_date"])) for row in csv.DictReader(file)
        ]
    with (SEEDS / "sla_terms.csv").open() as file:
        return [Terms.read(row, pauses) for row in csv.DictReader(file)]


def valid_terms(terms: list[Terms], day: date, segment: str) -> Terms | None:
    """The terms valid on a day: the segment's own, else the default; None if there were none yet."""
    valid = [one for one in terms if one.valid_from <= day and one.segment in (segment, "")]
    return max(valid, key=lambda one: (one.segment == segment, one.valid_from), default=None)
