"""Handoffs and both halves of the agreement, as the warehouse tells them, against what really happened."""

import shutil
import subprocess
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import median

import duckdb
import pytest

from publishing.build import dbt_command
from tests.warehouse.agreement import Terms, read_terms, valid_terms
from tests.warehouse.conftest import Night
from tests.warehouse.reckoning import CENT, month_of
from tests.warehouse.truth import utc


def test_every_handoff_and_its_answer_is_told(night: Night, key_of: dict[str, str]) -> None:
    really = Counter(
        (
            key_of[row["person_id"]],
            utc(row["qualified_at"]),
            utc(row["first_response_at"]),
            row["decision"],
            utc(row["decided_at"]),
            row["rejection_reason"],
            row["original_channel"],
        )
        for row in night.world.truth["handoffs"]
    )
    told = night.rows(
        "select person_key, qualified_at, first_response_at, decision, decided_at, rejection_reason, channel"
        " from alignment.fct_handoffs"
    )
    assert Counter(told) == really
    assert really


def test_every_handoff_is_judged_by_the_terms_of_its_day(night: Night) -> None:
    handoffs = night.rows(
        "select qualified_at, segment, first_response_at, sla_version, due_at, response_business_seconds, verdict"
        " from alignment.fct_handoffs"
    )
    as_of_end = datetime.combine(night.world.as_of + timedelta(days=1), time())
    agreement = read_terms()
    for qualified_at, segment, responded_at, version, due_at, response_seconds, verdict in handoffs:
        terms = valid_terms(agreement, qualified_at.date(), segment)
        assert version == terms.version
        assert due_at == terms.due(qualified_at)
        if responded_at is None:
            assert response_seconds is None
            assert verdict == ("breached" if due_at < as_of_end else "pending")
        else:
            assert response_seconds == terms.seconds_between(qualified_at, responded_at)
            assert verdict == ("met" if responded_at <= due_at else "breached")


def delivered(night: Night) -> dict[tuple[date, str], list[tuple[dict, Terms]]]:
    """The handoffs of each month and segment of the agreement, and the terms valid for each."""
    agreement, cells = read_terms(), defaultdict(list)
    segments = {person["person_id"]: person["segment"] for person in night.world.truth["people"]}
    for handoff in night.world.truth["handoffs"]:
        terms = valid_terms(agreement, handoff["qualified_at"].date(), segments[handoff["person_id"]])
        cells[month_of(handoff["qualified_at"]), terms.segment or "unsegmented"].append((handoff, terms))
    return cells


def owed(night: Night, agreement: list[Terms], as_of: date) -> dict[tuple[date, str], tuple[Decimal, Decimal]]:
    """What marketing owes in each month and segment, in all and by now: a part for each working day but pauses."""
    cells, month = {}, min(month for month, _ in delivered(night))
    while month <= as_of:
        days = [month + timedelta(days=number) for number in range(31)]
        days = [day for day in days if month_of(day) == month]
        for segment in {terms.segment for terms in agreement}:
            parts = {}
            for day in days:
                valid = [terms for terms in agreement if terms.segment == segment and terms.valid_from <= day]
                terms = max(valid, key=lambda terms: terms.valid_from, default=None)
                if terms and terms.works_on(day):
                    is_paused = any(first <= day <= last for first, last in terms.pauses)
                    parts[day] = Decimal(0) if is_paused else terms.committed / sum(map(terms.works_on, days))
            if parts:
                by_now = sum((part for day, part in parts.items() if day <= as_of), Decimal(0))
                whole = sum(parts.values())
                cells[month, segment or "unsegmented"] = tuple(
                    amount.quantize(CENT, ROUND_HALF_UP) for amount in (whole, by_now)
                )
        month = month_of(month + timedelta(days=31))
    return cells


def verdict_of(handoff: dict, terms: Terms, end: datetime) -> str:
    due_at = terms.due(utc(handoff["qualified_at"]))
    if handoff["first_response_at"]:
        return "met" if utc(handoff["first_response_at"]) <= due_at else "breached"
    return "breached" if due_at < end else "pending"


def test_both_halves_of_the_agreement_are_what_was_owed_and_what_happened(night: Night) -> None:
    end = datetime.combine(night.world.as_of + timedelta(days=1), time())
    handoffs, promised, really = delivered(night), owed(night, read_terms(), night.world.as_of), {}
    for cell in handoffs.keys() | promised.keys():
        verdicts = Counter(verdict_of(handoff, terms, end) for handoff, terms in handoffs[cell])
        seconds = [
            terms.seconds_between(utc(handoff["qualified_at"]), utc(handoff["first_response_at"]))
            for handoff, terms in handoffs[cell]
            if handoff["first_response_at"]
        ]
        committed, expected = promised.get(cell, (None, None))
        leads = len({handoff["person_id"] for handoff, _ in handoffs[cell]})
        really[cell] = {
            "committed": committed,
            "expected": expected,
            "delivered": leads,
            "attainment": leads / float(committed) if committed else None,
            "by_now": leads / float(expected) if expected else None,
            "handoffs": len(handoffs[cell]),
            **{verdict: verdicts[verdict] for verdict in ("met", "breached", "pending")},
            "follow_up": rate(verdicts["met"], verdicts["met"] + verdicts["breached"]),
            "seconds": median(seconds) if seconds else None,
        }
    told = {
        tuple(key): values
        for *key, values in night.rows("""
            select month_start_date, segment, {
                'committed': committed_leads, 'expected': expected_by_now, 'delivered': delivered_leads,
                'attainment': delivery_attainment, 'by_now': attainment_by_now, 'handoffs': handoffs, 'met': met,
                'breached': breached, 'pending': pending, 'follow_up': follow_up_rate,
                'seconds': median_response_seconds
            }
            from alignment.rpt_sla_monthly
        """)
    }
    assert told.keys() == really.keys()
    for cell, values in really.items():
        assert told[cell] == pytest.approx(values), cell
    assert all(any(values[kind] for values in really.values()) for kind in ("met", "breached", "delivered"))


def test_a_month_under_way_owes_its_part_and_nothing_for_a_pause(
    night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report alone, built again in the middle of the month and with a pause in it."""
    as_of, pause = night.world.as_of.replace(day=17), (date(2026, 6, 8), date(2026, 6, 10))
    path = shutil.copy(night.warehouse, tmp_path)
    with duckdb.connect(path) as connection:
        connection.execute("insert into seeds.sla_pauses values (?, ?, 'fair')", pause)
    settings = {"AS_OF": as_of.isoformat(), "WAREHOUSE_DIR": str(night.warehouse.parents[1]), "BUILD_FILE": path}
    for name, value in (settings | dict.fromkeys(("DBT_TARGET_PATH", "DBT_LOG_PATH"), str(tmp_path))).items():
        monkeypatch.setenv(name, value)
    subprocess.run(dbt_command("run", "--select", "rpt_sla_monthly"), check=True)
    with duckdb.connect(path, read_only=True) as connection:
        told = connection.execute("""
            select month_start_date, segment, committed_leads, expected_by_now
            from alignment.rpt_sla_monthly where committed_leads is not null
        """).fetchall()
    agreement = [replace(terms, pauses=[*terms.pauses, pause]) for terms in read_terms()]
    assert {row[:2]: row[2:] for row in told} == owed(night, agreement, as_of)
    assert any(0 < by_now < committed for _, _, committed, by_now in told)


def rate(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def test_trends_of_the_agreement_are_the_months_before(night: Night) -> None:
    """Told from the months as published, which the test above holds to the truth."""
    columns = ("expected_by_now", "delivered_leads", "met", "breached", "attainment_by_now", "follow_up_rate")
    months = {
        (month, segment): dict(zip(columns, values, strict=True))
        for month, segment, *values in night.rows(
            f"select month_start_date, segment, {', '.join(columns)} from alignment.rpt_sla_monthly"
        )
    }
    told = night.rows("""
        select month_start_date, segment, attainment_previous_month, attainment_three_months, attainment_change,
            follow_up_previous_month, follow_up_three_months, follow_up_change
        from alignment.rpt_sla_monthly
    """)
    for month, segment, *trends in told:
        starts = [month_of(month - timedelta(days=1))]
        starts += [month_of(starts[0] - timedelta(days=1))]
        starts += [month_of(starts[1] - timedelta(days=1))]
        before = [months[start, segment] for start in starts if (start, segment) in months]
        previous = months.get((starts[0], segment), {})
        owing = [row for row in before if row["expected_by_now"]]
        expected = []
        leads, due = (sum(row[name] for row in owing) for name in ("delivered_leads", "expected_by_now"))
        met, breached = (sum(row[name] for row in before) for name in ("met", "breached"))
        for name, part, whole in (("attainment_by_now", leads, due), ("follow_up_rate", met, met + breached)):
            then, now = previous.get(name), months[month, segment][name]
            change = None if then is None or now is None else now - then
            expected += [then, rate(part, float(whole)), change]
        assert trends == pytest.approx(expected), (month, segment)
    assert any(None not in trends for _, _, *trends in told)
