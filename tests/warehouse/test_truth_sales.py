"""Sales and the agreement, as the warehouse tells them, against what really happened in the sandbox company."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import holidays
import pytest

from ingestion.sandbox.truth.money import Rates
from tests.warehouse.agreement import read_terms, valid_terms
from tests.warehouse.conftest import Night

QUOTA_RAMPS = Path("dbt_project/seeds/quota_ramps.csv")
HOLIDAYS = holidays.country_holidays("US")


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
    excluded = {
        record for person in night.world.truth["people"] if person["is_excluded"] for record in person["files_ids"]
    }
    ended = {
        row["subscription_id"]
        for row in night.world.files["subscriptions"]
        if row["ended_at"] or row["person_id"] in excluded
    }
    levels = {}
    for row in sorted(night.world.files["subscription_changes"], key=lambda row: row["changed_at"]):
        levels[row["subscription_id"]] = row["mrr"]
    really = Counter(mrr for subscription, mrr in levels.items() if subscription not in ended)
    told = night.rows(
        "select max_by(mrr, changed_at) as mrr from sales.fct_subscriptions"
        " group by subscription_key having max_by(mrr, changed_at) > 0"
    )
    assert Counter(mrr for (mrr,) in told) == really


@pytest.fixture(scope="module")
def owner_of(night: Night) -> Callable[[str, str | None], str | None]:
    """The owner_key of a rep by the system that names them."""
    rows = night.rows("select source, source_owner_id, owner_key from intermediate.int_owners__resolved")
    keys = {(source, owner_id): key for source, owner_id, key in rows}
    return lambda system, owner_id: keys[system, owner_id] if owner_id else None


def test_pipeline_of_every_months_end_is_what_was_open(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> None:
    really = defaultdict(lambda: (0, Decimal(0)))
    for row in night.world.truth["pipeline_months"]:
        cell = row["day"], row["stage"], owner_of(row["system"], row["owner_id"])
        really[cell] = really[cell][0] + row["deals"], really[cell][1] + row["amount"]
    days = "(select max(as_of_date) from sales.rpt_pipeline group by date_trunc('month', as_of_date))"
    as_it_was = night.rows(
        "select as_of_date, stage, owner_key, deals, amount_reporting from sales.rpt_pipeline"
        f" where deals > 0 and as_of_date in {days}"
    )
    by_movements = night.rows(
        "select as_of_date, stage, owner_key, closing_deals, closing_amount from sales.rpt_pipeline_daily"
        f" where closing_deals > 0 and as_of_date in {days}"
    )
    assert {(day, stage, owner): (deals, amount) for day, stage, owner, deals, amount in as_it_was} == dict(really)
    assert sorted(as_it_was, key=str) == sorted(by_movements, key=str)
    assert really


def test_lost_deals_are_told_by_stage_and_reason(night: Night) -> None:
    really = defaultdict(lambda: (0, Decimal(0), 0))
    for row in night.world.truth["lost_deals"]:
        cell = row["closed_at"].date().replace(day=1), row["stage"], row["reason"] or "not_told"
        deals, amount, objections = really[cell]
        really[cell] = deals + 1, amount + (row["amount_reporting"] or 0), objections + row["was_negotiated"]
    told = night.rows(
        "select month_start_date, stage, loss_reason, sum(lost_deals), sum(lost_amount), sum(objections)"
        " from sales.rpt_loss_reasons group by all"
    )
    assert {(month, stage, reason): tuple(sums) for month, stage, reason, *sums in told} == dict(really)
    assert any(objections for _, _, objections in really.values())


def test_win_rates_of_every_month_and_rep_count_the_deals_that_closed(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> None:
    closed, won, amounts = Counter(), Counter(), defaultdict(Decimal)
    for outcome in ("won_deals", "lost_deals"):
        for row in night.world.truth[outcome]:
            cell = row["closed_at"].date().replace(day=1), owner_of(row["system"], row["owner_id"])
            is_refund = row.get("amount", 0) < 0
            closed[cell] += not is_refund
            won[cell] += not is_refund and outcome == "won_deals"
            amounts[cell] += (row["amount_reporting"] or 0) * (outcome == "won_deals")
    told = night.rows(
        "select period_start_date, owner_key, sum(closed_deals), sum(won_deals), sum(won_amount + refunds)"
        " from sales.rpt_sales_velocity where level = 'rep' and period = 'month' group by all"
        " having sum(closed_deals) > 0 or sum(refunds) < 0"
    )
    assert {(month, owner): tuple(sums) for month, owner, *sums in told} == {
        cell: (closed[cell], won[cell], amounts[cell]) for cell in closed
    }


def test_recurring_revenue_moves_as_the_subscriptions_did(night: Night) -> None:
    columns = {
        "new": "new_mrr",
        "expansion": "expansion_mrr",
        "contraction": "-contraction_mrr",
        "churn": "-churned_mrr",
        "reactivation": "reactivation_mrr",
        "currency": "currency_effect",
    }
    really = defaultdict(Decimal)
    for row in night.world.truth["mrr_movements"]:
        month = row["at"].date().replace(day=1)
        really[month, row["plan"], row["movement"]] += row["moved"]
        really[month, row["plan"], "currency"] += row["currency_effect"]
    for movement, column in columns.items():
        told = night.rows(
            f"select month_start_date, plan, {column} from sales.rpt_mrr_monthly where level = 'plan' and {column} <> 0"
        )
        assert {(month, plan): amount for month, plan, amount in told} == {
            (month, plan): amount for (month, plan, kind), amount in really.items() if kind == movement and amount
        }, movement
        assert told, f"no {movement} in the sandbox"


def test_referrals_are_who_recommended_whom_and_what_they_bought(night: Night, key_of: Callable[[str], str]) -> None:
    people = {row["person_id"]: row for row in night.world.truth["people"] if not row["is_excluded"]}
    revenue = defaultdict(Decimal)
    for deal in night.world.truth["won_deals"]:
        if deal["person_ids"]:
            revenue[deal["person_ids"][0]] += deal["amount_reporting"] or 0
    above = {person: row["referred_by"] for person, row in people.items() if row["referred_by"] in people}
    told = night.rows(
        "select person_key, referrer_person_key, revenue from sales.fct_referrals where referrer_person_key is not null"
    )
    assert Counter(told) == Counter(
        (key_of(person), key_of(referrer), revenue[person]) for person, referrer in above.items()
    )
    through = defaultdict(Decimal)
    for person, referrer in above.items():
        while referrer:
            through[key_of(referrer)] += revenue[person]
            referrer = above.get(referrer)
    told = night.rows(
        "select referrer_person_key, chain_revenue from sales.rpt_referrals where referrer_person_key is not null"
    )
    assert dict(told) == dict(through)
    assert through


def test_quotas_count_each_business_day_for_the_team_of_that_day(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> None:
    rates = Rates(night.world.files["fx_rates"])
    really = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for (owner_id, start, end), versions in quotas_of_reps(night).items():
        days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
        days = [day for day in days if day.isoweekday() <= 5 and day not in HOLIDAYS]
        for day in days:
            valid = [version for version in versions if version["valid_from"] <= day]
            if valid:
                quota = max(valid, key=lambda version: version["valid_from"])
                dollars = quota["amount"] * rates.of(quota["currency"], start)
                amount = dollars * ramped(night, quota, day) / len(days)
                cell = owner_of("files", owner_id), team_of(night, owner_id, day), start
                target, by_now = really[cell]
                really[cell] = target + amount, by_now + amount * (day <= night.world.as_of)
    told = night.rows(
        "select owner_key, team, period_start, target, expected_by_now from sales.rpt_quota_attainment"
        " where level = 'rep' and target is not null"
    )
    assert {tuple(cell) for *cell, _, _ in told} == really.keys()
    # A quota that falls into two teams is rounded as a whole.
    for *cell, target, by_now in told:
        assert abs(target - really[tuple(cell)][0]) < Decimal("0.011")
        assert abs(by_now - really[tuple(cell)][1]) < Decimal("0.011")
    assert len({(owner, start) for owner, _, start, _, _ in told}) < len(told), "nobody changed teams within a quarter"


def test_bookings_of_reps_are_their_shares_of_the_deals(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> None:
    splits = defaultdict(dict)
    for row in night.world.files["deal_splits"]:
        splits[row["deal_id"]][row["owner_id"]] = Decimal(str(row["share"]))
    for start, end in night.rows("select distinct period_start, period_end from sales.rpt_quota_attainment"):
        really = defaultdict(Decimal)
        deals = [deal for deal in night.world.truth["won_deals"] if start <= deal["closed_at"].date() <= end]
        for deal in deals:
            amount, shares = deal["amount_reporting"] or 0, splits[deal["deal_id"]]
            for owner_id, share in shares.items():
                really[owner_of("files", owner_id)] += amount * share
            really[owner_of(deal["system"], deal["owner_id"])] += amount * (1 - sum(shares.values()))
        told = dict(
            night.rows(
                "select owner_key, sum(bookings) from sales.rpt_quota_attainment"
                f" where level = 'rep' and period_start = date '{start}' group by owner_key"
            )
        )
        for owner in told.keys() | really.keys():
            assert abs(told.get(owner, 0) - really[owner]) <= Decimal("0.01") * len(deals)
        assert sum(told.values()) == sum(deal["amount_reporting"] or 0 for deal in deals)
    assert any(splits[deal["deal_id"]] for deal in night.world.truth["won_deals"])


def quotas_of_reps(night: Night) -> dict[tuple[str, date, date], list[dict]]:
    """The versions of each rep's quota by rep and period."""
    versions = defaultdict(list)
    for row in night.world.files["targets"]:
        if row["department"] == "sales" and row["owner_id"]:
            versions[row["owner_id"], row["period_start"], row["period_end"]].append(row)
    return versions


def ramped(night: Night, quota: dict, day: date) -> Decimal:
    """The share of a quota that counts on a day of a new rep."""
    if not quota["ramp"]:
        return Decimal(1)
    began = next(row["start_date"] for row in night.world.files["owners"] if row["owner_id"] == quota["owner_id"])
    months = (day.year - began.year) * 12 + day.month - began.month - (day.day < began.day)
    with QUOTA_RAMPS.open() as file:
        reached = [row for row in csv.DictReader(file) if int(row["from_month"]) <= months]
    return Decimal(reached[-1]["share"]) if reached else Decimal(0)


def team_of(night: Night, owner_id: str, day: date) -> str:
    """The team a rep is in on a day."""
    teams = [
        row for row in night.world.files["owner_teams"] if row["owner_id"] == owner_id and row["valid_from"] <= day
    ]
    if teams:
        return max(teams, key=lambda row: row["valid_from"])["team"]
    return next(row["team"] for row in night.world.files["owners"] if row["owner_id"] == owner_id)
