"""The agreement's reports against what really happened in the sandbox company, by month and channel."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from tests.warehouse.agreement import read_terms, valid_terms
from tests.warehouse.conftest import Night

RANKS = {"accepted": 4, "proposal": 5, "negotiation": 6, "customer": 7, "repeat_customer": 8}
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def key_of(night: Night) -> Callable[[str], str]:
    """The person_key of a person of the truth, by the system and id of the earliest record."""
    rows = night.rows("select source || ':' || source_person_id, person_key from intermediate.int_people__resolved")
    return dict(rows).__getitem__


def month_of(moment: datetime | date) -> date:
    day = moment.date() if isinstance(moment, datetime) else moment
    return day.replace(day=1)


def end_of(night: Night) -> datetime:
    return datetime.combine(night.world.as_of + timedelta(days=1), time(), UTC)


def with_next(handoffs: list[dict], end: datetime) -> Iterator[tuple[dict, datetime]]:
    """Each handoff and the moment of the person's next one, else the end of the night's day."""
    by_person = defaultdict(list)
    for handoff in sorted(handoffs, key=lambda handoff: handoff["qualified_at"]):
        by_person[handoff["person_id"]].append(handoff)
    for theirs in by_person.values():
        yield from zip(theirs, [*(handoff["qualified_at"] for handoff in theirs[1:]), end], strict=True)


def test_lead_quality_of_every_month_and_channel_is_what_really_came_of_the_handoffs(
    night: Night, key_of: Callable[[str], str]
):
    agreement, end = read_terms(), end_of(night)
    segments = dict(night.rows("select person_key, segment from core.dim_people"))
    spells, deals = defaultdict(list), defaultdict(list)
    for spell in night.world.truth["spells"]:
        spells[spell["person_id"]].append(spell)
    for deal in night.world.truth["won_deals"]:
        for person_id in deal["person_ids"][:1]:
            deals[person_id].append(deal)
    really = defaultdict(Counter)
    for handoff, until in with_next(night.world.truth["handoffs"], end):
        qualified_at, person_id = handoff["qualified_at"], handoff["person_id"]
        came = really[month_of(qualified_at), handoff["original_channel"]]
        terms = valid_terms(agreement, qualified_at.date(), segments[key_of(person_id)])
        is_over = terms.due(qualified_at.astimezone(UTC).replace(tzinfo=None)) < end.replace(tzinfo=None)
        won = [deal for deal in deals[person_id] if qualified_at <= deal["closed_at"] < until]
        came["delivered"] += 1
        came[handoff["decision"]] += 1
        came["never_worked"] += handoff["first_response_at"] is None and is_over
        came["opportunities"] += any(
            qualified_at <= spell["entered_at"] < until and RANKS.get(spell["stage"], 0) >= RANKS["proposal"]
            for spell in spells[person_id]
        )
        came["won"] += bool(won)
        came["won_deals"] += len(won)
        came["revenue"] += sum(deal["amount_reporting"] or 0 for deal in won)
        came["unconverted_deals"] += sum(deal["amount_reporting"] is None for deal in won)
    kinds = (
        *("delivered", "accepted", "rejected", "never_worked", "opportunities"),
        *("won", "won_deals", "revenue", "unconverted_deals"),
    )
    for table in ("rpt_lead_quality", "rpt_lead_quality_segments"):
        told = night.rows(f"""
            select month_start_date, channel, {", ".join(f"sum({kind})" for kind in kinds)}
            from alignment.{table}
            group by all
            having sum(delivered) > 0
        """)
        assert {(month, channel): tuple(counts) for month, channel, *counts in told} == {
            key: tuple(came[kind] for kind in kinds) for key, came in really.items()
        }
    totals = sum(really.values(), Counter())
    assert all(totals[kind] for kind in kinds if kind != "unconverted_deals")


def test_what_the_leads_of_every_month_and_channel_cost_is_what_was_spent(night: Night):
    really = defaultdict(Decimal)
    for row in night.world.truth["spend_days"]:
        really[month_of(row["day"]), row["channel"]] += row["spend_reporting"] or 0
    told = night.rows(
        "select month_start_date, channel, sum(cost) from alignment.rpt_lead_quality group by all having sum(cost) != 0"
    )
    assert {(month, channel): cost for month, channel, cost in told} == {
        key: cost for key, cost in really.items() if cost
    }
    assert told


def test_rejections_of_every_month_channel_and_reason_are_those_that_sales_gave(night: Night):
    really = Counter(
        (month_of(handoff["qualified_at"]), handoff["original_channel"], handoff["rejection_reason"] or "unstated")
        for handoff in night.world.truth["handoffs"]
        if handoff["decision"] == "rejected"
    )
    told = night.rows(
        "select month_start_date, channel, rejection_reason, sum(rejected) from alignment.rpt_rejections group by all"
    )
    assert {tuple(key): count for *key, count in told} == really
    assert really


def test_disagreements_are_every_rejection_every_unworked_lead_and_everybody_not_handed_over(
    night: Night, key_of: Callable[[str], str]
):
    rejected = {
        (key_of(handoff["person_id"]), handoff["qualified_at"].astimezone(UTC).replace(tzinfo=None))
        for handoff in night.world.truth["handoffs"]
        if handoff["decision"] == "rejected"
    }
    first_handoff, first_taken_up = {}, {}
    for spell in night.world.truth["spells"]:
        if spell["stage"] == "qualified":
            first_handoff.setdefault(spell["person_id"], spell["entered_at"])
        if RANKS.get(spell["stage"], 0) >= RANKS["accepted"]:
            first_taken_up.setdefault(spell["person_id"], spell["entered_at"])
    unasked = {
        key_of(person_id)
        for person_id, taken_up_at in first_taken_up.items()
        if person_id not in first_handoff or first_handoff[person_id] > taken_up_at
    }
    told = night.rows("select disagreement, person_key, qualified_at from alignment.rpt_disagreements")
    by_kind = defaultdict(set)
    for kind, person_key, qualified_at in told:
        by_kind[kind].add((person_key, qualified_at))
    assert by_kind["rejected"] == rejected
    assert {person_key for person_key, _ in by_kind["not_handed_over"]} == unasked
    never_worked = night.rows(
        "select person_key, qualified_at from alignment.fct_handoffs"
        " where first_response_at is null and verdict = 'breached'"
    )
    assert by_kind["never_worked"] == set(never_worked)
    assert rejected
    assert unasked
    assert never_worked
