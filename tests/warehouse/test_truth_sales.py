"""Sales and the agreement, as the warehouse tells them, against what really happened in the sandbox company."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from tests.warehouse.agreement import read_terms, valid_terms
from tests.warehouse.conftest import Night


def without_zone(moment: datetime | None) -> datetime | None:
    """As the warehouse writes it: UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


@pytest.fixture(scope="module")
def key_of(night: Night) -> Callable[[str], str]:
    """The person_key of a person of the truth, by the system and id of the earliest record."""
    rows = night.rows("select source || ':' || source_person_id, person_key from intermediate.int_people__resolved")
    return dict(rows).__getitem__


def test_every_handoff_and_its_answer_is_told(night: Night, key_of: Callable[[str], str]) -> None:
    really = Counter(
        (
            key_of(row["person_id"]),
            without_zone(row["qualified_at"]),
            without_zone(row["first_response_at"]),
            row["decision"],
            without_zone(row["decided_at"]),
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


def test_months_of_the_agreement_count_each_handoff_once(night: Night) -> None:
    really = Counter(row["qualified_at"].date().replace(day=1) for row in night.world.truth["handoffs"])
    told = night.rows(
        "select month_start_date, sum(handoffs), sum(met + breached + pending)"
        " from alignment.rpt_sla_monthly group by all having sum(handoffs) > 0"
    )
    assert {month: (handoffs, judged) for month, handoffs, judged in told} == {
        month: (count, count) for month, count in really.items()
    }


def test_every_won_deal_is_worth_what_it_was(night: Night) -> None:
    really = Counter(
        (
            row["system"],
            row["deal_id"],
            without_zone(row["closed_at"]),
            row["amount"],
            row["currency"],
            row["amount_reporting"],
            row["deal_type"],
        )
        for row in night.world.truth["won_deals"]
    )
    told = night.rows(
        "select source, source_deal_id, closed_at, amount, currency, amount_reporting, deal_type"
        " from sales.fct_deals where is_won"
    )
    assert Counter(told) == really
    assert really


def test_revenue_and_customers_of_every_month_are_those_of_its_deals(night: Night) -> None:
    revenue, customers = defaultdict(Decimal), defaultdict(set)
    for row in night.world.truth["won_deals"]:
        month = row["closed_at"].date().replace(day=1), row["deal_type"]
        revenue[month] += row["amount_reporting"] or 0
        if row["amount"] >= 0:
            customers[month].add(next(iter(row["person_ids"]), row["company"] or row["deal_id"]))
    told = night.rows(
        "select month_start_date, deal_type, revenue, customers from sales.rpt_revenue_monthly where deals > 0"
    )
    assert {(month, kind): (amount, count) for month, kind, amount, count in told} == {
        key: (revenue[key], len(customers[key])) for key in revenue
    }


def test_subscriptions_stand_at_their_last_known_level(night: Night) -> None:
    ended = {row["subscription_id"] for row in night.world.files["subscriptions"] if row["ended_at"]}
    levels = {}
    for row in sorted(night.world.files["subscription_changes"], key=lambda row: row["changed_at"]):
        levels[row["subscription_id"]] = row["mrr"]
    really = Counter(mrr for subscription, mrr in levels.items() if subscription not in ended)
    told = night.rows(
        "select max_by(mrr, changed_at) as mrr from sales.fct_subscriptions"
        " group by subscription_key having max_by(mrr, changed_at) > 0"
    )
    assert Counter(mrr for (mrr,) in told) == really
