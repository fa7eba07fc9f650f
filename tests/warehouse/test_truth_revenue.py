"""Revenue and subscriptions, as the warehouse tells them, against what was really sold, paid and ended."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.warehouse.conftest import Night
from tests.warehouse.reckoning import CENT, month_of


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


def months(night: Night, first: date) -> Iterator[date]:
    """The months from one on until that of the night."""
    while first <= night.world.as_of:
        yield first
        first = month_of(first + timedelta(days=31))


def test_average_referred_and_repeated_revenue_of_every_month_are_those_of_its_deals(night: Night) -> None:
    deals, cells = sorted(night.world.truth["deals"], key=lambda deal: deal["closed_at"] or deal["created_at"]), {}
    ever_bought = set()
    for deal in (deal for deal in deals if deal["outcome"] == "won"):
        cell = cells.setdefault((month_of(deal["closed_at"]), deal["deal_type"]), defaultdict(list))
        buyer = deal["person_id"] or deal["company"] or deal["deal_id"]
        cell["all"].append(deal["amount_reporting"])
        if deal["is_referral"]:
            cell["referred"].append(deal["amount_reporting"] or 0)
        if deal["amount"] >= 0:
            cell["buyers"].append(buyer)
            if buyer in ever_bought:
                cell["repeat_buyers"].append(buyer)
                cell["repeated"].append(deal["amount_reporting"] or 0)
            ever_bought.add(buyer)
    really = {}
    for key, cell in cells.items():
        buyers = len(set(cell["buyers"]))
        is_told = buyers and None not in cell["all"]
        really[key] = (
            (sum(cell["all"], Decimal(0)) / buyers).quantize(CENT, ROUND_HALF_UP) if is_told else None,
            sum(cell["referred"], Decimal(0)),
            len(set(cell["repeat_buyers"])),
            sum(cell["repeated"], Decimal(0)),
            cell["all"].count(None),
        )
    told = night.rows("""
        select month_start_date, deal_type, average_revenue_per_customer, referral_revenue, repeat_customers,
            repeat_revenue, unconverted_deals
        from sales.rpt_revenue_monthly where deals > 0
    """)
    assert {row[:2]: row[2:] for row in told} == really
    assert all(any(values[column] for values in really.values()) for column in range(4))


def test_customers_of_every_month_are_counted_once_whatever_they_bought(night: Night) -> None:
    deals = sorted(night.world.truth["deals"], key=lambda deal: deal["closed_at"] or deal["created_at"])
    buyers, new, again, ever_bought = defaultdict(set), Counter(), defaultdict(set), set()
    for deal in (deal for deal in deals if deal["outcome"] == "won" and deal["amount"] >= 0):
        month, buyer = month_of(deal["closed_at"]), deal["person_id"] or deal["company"] or deal["deal_id"]
        buyers[month].add(buyer)
        new[month] += buyer not in ever_bought
        if buyer in ever_bought:
            again[month].add(buyer)
        ever_bought.add(buyer)
    told = night.rows("""
        select month_start_date, customers, new_customers, repeat_customers
        from sales.rpt_customers_monthly where customers > 0
    """)
    assert {month: tuple(counts) for month, *counts in told} == {
        month: (len(customers), new[month], len(again[month])) for month, customers in buyers.items()
    }
    by_type = night.rows("select sum(customers) from sales.rpt_revenue_monthly")[0][0]
    assert by_type > sum(len(customers) for customers in buyers.values()), "nobody bought two types in one month"


def test_recurring_and_churned_revenue_of_every_month_are_those_of_the_subscriptions(night: Night) -> None:
    changed, churned = defaultdict(Decimal), defaultdict(Decimal)
    for row in night.world.truth["mrr_movements"]:
        changed[month_of(row["at"])] += row["moved"] + row["currency_effect"]
        churned[month_of(row["at"])] -= row["moved"] if row["movement"] == "churn" else 0
    told = night.rows("""
        select month_start_date, sum(recurring_revenue), sum(churned_revenue), max(closing_mrr)
        from sales.rpt_revenue_monthly
        inner join sales.rpt_mrr_monthly using (month_start_date) where level = 'company' group by all
    """)
    standing = {
        month: sum(change for at, change in changed.items() if at <= month) for month in months(night, min(changed))
    }
    assert {month: rest for month, *rest in told if month in standing} == {
        month: [mrr, churned[month], mrr] for month, mrr in standing.items()
    }
    assert all(not any(rest) for month, *rest in told if month not in standing)
    assert any(churned.values())


def test_retention_of_every_cohort_is_what_its_customers_still_pay(night: Night, key_of: dict[str, str]) -> None:
    movements = defaultdict(list)
    for row in night.world.truth["mrr_movements"]:
        movements[key_of[row["person_id"]]].append(row)
    really = defaultdict(lambda: [0, 0, Decimal(0), Decimal(0), Decimal(0)])
    for theirs in movements.values():
        cohort = min(month_of(row["at"]) for row in theirs)
        opening = sum(row["moved"] for row in theirs if row["movement"] == "new" and month_of(row["at"]) == cohort)
        for month in months(night, cohort):
            until = [row for row in theirs if month_of(row["at"]) <= month]
            closing = sum(row["moved"] + row["currency_effect"] for row in until)
            paid = sum((row["mrr"] > 0) - (row["previous_mrr"] > 0) for row in until)
            cell = really[cohort, month]
            for place, value in enumerate((1, paid > 0, opening, closing, min(opening, closing))):
                cell[place] += value
    told = night.rows("""
        select cohort_month, month_start_date, customers, active_customers, opening_mrr, closing_mrr, retained_mrr,
            net_revenue_retention, gross_revenue_retention, customer_retention
        from sales.rpt_revenue_retention
    """)
    assert {row[:2]: list(row[2:7]) for row in told} == really
    for row in told:
        customers, active, opening, closing, retained = really[row[:2]]
        assert row[7:] == pytest.approx((float(closing / opening), float(retained / opening), active / customers))
    assert any(retained < closing for *_, closing, retained in really.values()), "nobody ever paid more"
    assert any(retained < opening for _, _, opening, _, retained in really.values()), "nobody ever paid less"
