"""The agreement between the teams: terms, pauses, and ramps of quotas."""

import re
from collections.abc import Iterator
from datetime import time
from itertools import pairwise

from publishing.configuration.cells import day, number, time_zones
from publishing.configured import Configuration, Mistake, Row, instead

# The business hours of a year ahead are known; a response time that needs more is never due.
DAYS_AHEAD = 300


def terms(configuration: Configuration) -> Iterator[Mistake]:
    """Terms that are none, times without terms, pauses and ramps that make no sense."""
    for part in (_terms, _default_terms, _pauses, _ramps):
        yield from part(configuration)


def _terms(configuration: Configuration) -> Iterator[Mistake]:
    seed = configuration.seeds["sla_terms"]
    first_rows: dict[tuple, Row] = {}
    for row in seed.rows:
        yield from (seed.mistake(row, what, remedy) for what, remedy in _wrong_terms(row))
        first = first_rows.setdefault(((row["segment"] or "").strip().lower(), row["valid_from"]), row)
        if row["segment"] != first["segment"]:
            what = f"segment {row['segment']!r} has terms from {row['valid_from']} already, as {first['segment']!r}"
            yield seed.mistake(row, what, f"keep one of lines {first.line} and {row.line}")


def _wrong_terms(row: Row) -> Iterator[tuple[str, str]]:
    hours, leads, days = number(row["response_hours"]), number(row["committed_leads"]), row["working_days"] or ""
    opens, closes = (_clock(row[column]) for column in ("day_starts_at", "day_ends_at"))
    if row["time_zone"] not in time_zones():
        yield f"unknown time_zone {row['time_zone']!r}", instead(row["time_zone"] or "", time_zones())
    if not re.fullmatch("[1-7]+", days) or len(set(days)) < len(days):
        yield f"working_days {days!r} are no days of a week", "write each working day once, 1 (Monday) to 7: 12345"
    if opens is None or closes is None or opens >= closes:
        what = f"business hours from {row['day_starts_at']!r} to {row['day_ends_at']!r}"
        yield what, "write two times of one day as HH:MM, the earlier first: 09:00 and 17:00"
    elif hours and days and hours > (_hours(closes) - _hours(opens)) * len(set(days)) / 7 * DAYS_AHEAD:
        yield f"response_hours {row['response_hours']} are more business hours than a year has", "agree on less"
    if hours is not None and hours <= 0:
        yield f"response_hours {row['response_hours']} are no time to respond in", "write more than 0"
    if leads is not None and leads < 0:
        yield f"committed_leads {row['committed_leads']} is no promise", "write 0 or more"


def _clock(value: str | None) -> time | None:
    return time.fromisoformat(value) if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value or "") else None


def _hours(moment: time) -> float:
    return moment.hour + moment.minute / 60


def _default_terms(configuration: Configuration) -> Iterator[Mistake]:
    seed = configuration.seeds["sla_terms"]
    dated = [row for row in seed.rows if day(row["valid_from"])]
    defaults = [row["valid_from"] for row in dated if row["segment"] is None]
    if not defaults:
        yield seed.mistake(
            None, "no terms without a segment", "add the default terms, or other segments owe nothing", stops=False
        )
    first_day = day(configuration.vars.get("calendar_start_date"))
    if defaults and first_day and day(min(defaults)) > first_day:
        what = f"nothing is owed from {first_day} until the first terms without a segment, {min(defaults)}"
        remedy = "let them begin by the first handoff, or none before has a time to respond in"
        yield seed.mistake(None, what, remedy, stops=False)
    for row in dated:
        if row["segment"] and defaults and row["valid_from"] < min(defaults):
            what = f"nothing is owed to other segments from {row['valid_from']} until the first default terms"
            yield seed.mistake(row, what, "let default terms begin as early", stops=False)


def _pauses(configuration: Configuration) -> Iterator[Mistake]:
    seed = configuration.seeds["sla_pauses"]
    dated = [row for row in seed.rows if day(row["start_date"]) and day(row["end_date"])]
    for row in dated:
        if row["end_date"] < row["start_date"]:
            yield seed.mistake(row, f"a pause that ends on {row['end_date']} before it begins", "correct its days")
    for first, second in pairwise(sorted(dated, key=lambda row: row["start_date"])):
        if second["start_date"] <= first["end_date"]:
            what = f"overlaps the pause of line {first.line}"
            yield seed.mistake(second, what, "its days count once; make it one pause", stops=False)


def _ramps(configuration: Configuration) -> Iterator[Mistake]:
    """A ramp says from the first month of service on which share of a quota counts: 0 to 1."""
    seed = configuration.seeds["quota_ramps"]
    first_months: dict[str, tuple[float, Row]] = {}
    for row in seed.rows:
        month, share = number(row["from_month"]), number(row["share"])
        if not row["ramp"]:
            yield seed.mistake(row, "ramp is empty", "fill it in; targets name it")
        if month is None or month < 0:
            yield seed.mistake(row, f"from_month {row['from_month'] or ''!r} is no month of service", "count from 0")
        elif month < first_months.get(row["ramp"], (month + 1, row))[0]:
            first_months[row["ramp"]] = month, row
        if share is not None and not 0 <= share <= 1:
            yield seed.mistake(row, f"share {row['share']} of a quota", "write a share from 0 to 1")
    for ramp, (month, row) in first_months.items():
        if ramp and month > 0:
            what = f"the ramp {ramp!r} begins with month {row['from_month']}"
            yield seed.mistake(row, what, "say what counts from month 0 on, or new reps have no quota until then")
