"""What subscriptions are worth by month and by change."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from ingestion.sandbox.simulation import market
from ingestion.sandbox.simulation.facts import Plan
from ingestion.sandbox.truth.money import Rates, Row, cents


def mrr_months(plans: list[Plan], as_of: date) -> list[Row]:
    """Monthly recurring revenue by currency at each month's end, the last month as it stands at the end of `as_of`."""
    rows, month = [], market.FOUNDED
    while month <= as_of:
        next_month = (month + timedelta(days=32)).replace(day=1)
        end = datetime.combine(min(next_month, as_of + timedelta(days=1)), time(), UTC)
        totals = defaultdict(Decimal)
        for plan in plans:
            price = next((mrr for at, mrr in reversed(plan.changes) if at < end), None)
            if price is not None and (plan.ended_at is None or plan.ended_at >= end):
                totals[plan.currency] += price
        rows += [{"month": month, "currency": currency, "mrr": mrr} for currency, mrr in sorted(totals.items())]
        month = next_month
    return rows


def mrr_movements(plan: Plan, person_id: str, rates: Rates) -> list[Row]:
    """Each change of a plan's monthly price in US dollars of its day, and what the price before had gained by rates."""
    levels = [*plan.changes, *([(plan.ended_at, Decimal(0))] if plan.ended_at else [])]
    rows, before, counted, was_paid = [], Decimal(0), Decimal(0), False
    for at, mrr in levels:
        if mrr == before:
            continue
        rate = rates.of(plan.currency, at.date()) or Decimal(0)
        if mrr == 0:
            movement, moved = "churn", -counted
        else:
            kind = "reactivation" if was_paid else "new"
            movement = kind if before == 0 else "expansion" if mrr > before else "contraction"
            moved = cents((mrr - before) * rate)
        now_counted = cents(mrr * rate)
        rows.append(
            {
                "subscription_id": plan.subscription_id,
                "person_id": person_id,
                "plan": plan.plan,
                "at": at,
                "mrr": mrr,
                "previous_mrr": before,
                "movement": movement,
                "moved": moved,
                "currency_effect": now_counted - counted - moved,
            }
        )
        before, counted, was_paid = mrr, now_counted, True
    return rows
