"""Attribution of a few paths whose answers are worked out on paper, in the docstrings.

The weights of single paths, of one, two, three and more touches, are in the unit tests of `int_touches__weighted`. Who
touches something in June 2026 converted in every other way in January, without a touch, so that each kind of conversion
here has only the paths to nothing that its test tells of.
"""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.attribution.conftest import Attributed, Deal, Journey, attributed

KINDS = ("lead", "qualified", "opportunity", "customer")
LONG_AGO, CROWDED_DAY = datetime(2026, 1, 1), datetime(2025, 6, 1)


def day(month: int, number: int, year: int = 2026) -> datetime:
    return datetime(year, month, number)


def untouched_but(kind: str, at: datetime | None) -> dict[str, datetime]:
    """Every kind of conversion without a touch, but one: at its own time, or never."""
    conversions = dict.fromkeys(KINDS, LONG_AGO)
    del conversions[kind]
    return conversions | ({kind: at} if at else {})


JOURNEYS = [
    # Customers: the textbook's three paths.
    Journey(
        "ann",
        [(day(6, 1), "paid_search"), (day(6, 2), "email"), (day(6, 3), "referral")],
        untouched_but("customer", day(6, 4)),
    ),
    Journey("ben", [(day(6, 1), "paid_search")], untouched_but("customer", None)),
    Journey("cat", [(day(6, 1), "email"), (day(6, 2), "referral")], untouched_but("customer", None)),
    # Leads: a channel that follows itself.
    Journey(
        "dan",
        [(day(3, 1, 2025), "tv"), (day(3, 2, 2025), "tv"), (day(3, 3, 2025), "radio")],
        {"lead": day(3, 4, 2025)},
    ),
    Journey("eve", [(day(6, 1), "tv")], untouched_but("lead", None)),
    # A deal of two people, two of whose touches are of one moment.
    Journey("fay", [(day(5, 1, 2025), "event"), (day(5, 10, 2025), "seminar")]),
    Journey("gus", [(day(5, 1, 2025), "email")]),
    # An opportunity of 10,000 touches, two of each moment.
    Journey(
        "hal",
        [(CROWDED_DAY + timedelta(minutes=number // 2), ("direct", "email")[number % 2]) for number in range(10_000)],
        {"opportunity": day(7, 1, 2025)},
    ),
]
DEALS = [
    Deal("joint", ["fay", "gus"], day(5, 20, 2025), Decimal("100.01")),
    Deal("nobodys", [], day(5, 20, 2025), Decimal("50.00")),
    Deal("untouched", ["ann", "ben", "cat", "eve"], LONG_AGO, Decimal("7.00")),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Attributed:
    return attributed(tmp_path_factory.mktemp("by_hand"), JOURNEYS, DEALS)


def all_time(built: Attributed, kind: str, model: str, column: str = "conversions") -> dict[str, float]:
    rows = built.rows(f"""
        select channel, {column}
        from marketing.rpt_attribution_channels
        where conversion_type = '{kind}' and attribution_model = '{model}' and period_start is null
    """)
    return {channel: float(value) for channel, value in rows}


def test_markov_of_the_textbooks_three_paths(built: Attributed) -> None:
    """Ann: paid_search, email, referral, customer. Ben: paid_search, null. Cat: email, referral, null.

    From (start) 2/3 go to paid_search, 1/3 to email; of paid_search one half to email, one half to null; email goes to
    referral; of that one half convert. Email is reached with 1/3 + 2/3 x 1/2 = 2/3, so p(conversion) = 1/3. Without
    paid_search it is 1/3 x 1/2 = 1/6: effect 1/2. Without email or referral it is 0: effect 1. Of the one customer with
    touches they get 0.5, 1 and 1 of 2.5; Eve became one without.
    """
    effects = built.rows(
        "select channel, removal_effect from intermediate.int_channels__removed where conversion_type = 'customer'"
    )
    assert dict(effects) == {"paid_search": 0.5, "email": 1, "referral": 1}
    assert all_time(built, "customer", "markov") == {
        "paid_search": 0.2,
        "email": 0.4,
        "referral": 0.4,
        "unattributed": 1,
    }
    thirds = dict.fromkeys(["paid_search", "email", "referral"], 1 / 3)
    assert all_time(built, "customer", "shapley") == pytest.approx(thirds | {"unattributed": 1})


def test_markov_of_a_channel_that_follows_itself(built: Attributed) -> None:
    """Dan: tv, tv, radio, lead in March 2025. Eve: tv, null. Ann, Ben, Cat became leads without a touch.

    Tv goes to tv, radio and null, 1/3 each, so half of all paths convert; without tv or without radio none does: both
    effects are 1. For all time the one lead with touches is theirs in halves; Dan's own touches get 1/3 each.
    """
    assert all_time(built, "lead", "markov") == {"tv": 0.5, "radio": 0.5, "unattributed": 3}
    assert all_time(built, "lead", "markov", "removal_effect is null") == {"tv": 0, "radio": 0, "unattributed": 1}
    months = built.rows("""
        select channel, conversions, removal_effect
        from marketing.rpt_attribution_channels
        where conversion_type = 'lead' and attribution_model = 'markov' and period_start = '2025-03-01'
    """)
    assert {(channel, float(part), effect) for channel, part, effect in months} == {
        ("tv", 0.666666666667, None),
        ("radio", 0.333333333333, None),
    }
    assert all_time(built, "lead", "linear") == pytest.approx({"tv": 2 / 3, "radio": 1 / 3, "unattributed": 3})
    assert all_time(built, "lead", "shapley") == {"tv": 0.5, "radio": 0.5, "unattributed": 3}


def test_who_converted_without_a_touch_of_the_window_leads_no_path_to_null(built: Attributed) -> None:
    """Ann, Ben, Cat and Eve won `untouched` together in January; their touches of June are not paths without a deal."""
    states = built.rows(
        "select from_state, to_state from intermediate.int_channels__followed where conversion_type = 'won_deal'"
    )
    assert set(states) == {
        ("(start)", "event"), ("event", "email"), ("email", "seminar"), ("seminar", "(conversion)"),
    }  # fmt: skip


def test_revenue_of_a_deal_of_two_people_is_split_to_the_cent(built: Attributed) -> None:
    """Fay's event and Gus' email are of one moment, ordered by the vendor's id; in thirds: 33.34, 33.33, 33.34."""
    linear = built.rows("""
        select channel, attributed_value
        from marketing.fct_attribution
        inner join intermediate.int_touches__pathed using (conversion_key, touch_key, channel)
        where deal_key = 'joint' and attribution_model = 'linear'
        order by position
    """)
    assert linear == [("event", Decimal("33.34")), ("email", Decimal("33.33")), ("seminar", Decimal("33.34"))]
    assert all_time(built, "won_deal", "markov", "conversion_value") == {
        "email": 33.34, "event": 33.33, "seminar": 33.34, "unattributed": 57,
    }  # fmt: skip
    first = all_time(built, "won_deal", "first_touch", "conversion_value")
    assert first == {"event": 100.01, "unattributed": 57}


def test_a_deal_without_people_is_unattributed_under_every_model(built: Attributed) -> None:
    rows = built.rows("""
        select count(*), min(channel), max(channel), sum(weight), sum(attributed_value), count(person_key)
        from marketing.fct_attribution where deal_key = 'nobodys'
    """)
    [(models,)] = built.rows("select count(*) from seeds.attribution_models")
    assert rows == [(models, "unattributed", "unattributed", models, models * Decimal(50), 0)]


def test_a_conversion_of_10_000_touches_is_one_conversion_under_every_model(built: Attributed) -> None:
    """Direct and email take turns, so each of both has half of every model that looks at channels or at all touches.

    Position-based: the first, direct, has 0.4, the last, email, 0.4. W-shaped: nobody saw a lead, and the last touch
    made the opportunity, so first and last have 0.3 each of 0.7. Time decay hardly moves within four days.
    """
    assert (
        built.rows("""
        select attribution_model, sum(weight) from marketing.fct_attribution
        where conversion_type = 'opportunity' and touch_key is not null group by all having sum(weight) <> 1
    """)
        == []
    )
    for model in ("linear", "position_based", "w_shaped", "markov", "shapley"):
        halves = all_time(built, "opportunity", model)
        assert halves == pytest.approx({"direct": 0.5, "email": 0.5, "unattributed": 4}), model
    assert all_time(built, "opportunity", "last_non_direct") == {"email": 1, "unattributed": 4}
    assert all_time(built, "opportunity", "time_decay")["email"] == pytest.approx(0.5, abs=1e-4)
    touches = "select count(distinct touch_key) from marketing.fct_attribution where attribution_model = 'linear'"
    assert built.rows(f"{touches} and conversion_type = 'opportunity'") == [(10_000,)]
