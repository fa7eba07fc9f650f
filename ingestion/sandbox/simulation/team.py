"""Who sells: the reps, their teams and what is expected of them."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from ingestion.sandbox.simulation.market import OWN_DOMAIN
from ingestion.sandbox.world import Owner


def _owner(owner_id, first, last, team, manager, start, left=None) -> Owner:
    return Owner(
        owner_id, first, last, f"{first.lower()}.{last.lower()}@{OWN_DOMAIN}", team, manager,
        date.fromisoformat(start), date.fromisoformat(left) if left else None,
    )  # fmt: skip


OWNERS = [
    _owner("81001", "Ada", "Okafor", "Management", None, "2025-01-01"),
    _owner("81002", "Grace", "Lindqvist", "Americas", "81001", "2025-01-01"),
    _owner("81003", "Mateo", "Alvarez", "Americas", "81002", "2025-01-01"),
    _owner("81004", "Priya", "Raman", "Americas", "81002", "2025-01-01"),
    _owner("81005", "Jonas", "Weber", "Europe", "81001", "2025-01-01"),
    _owner("81006", "Chloe", "Martin", "Europe", "81005", "2025-01-01"),
    _owner("81007", "Tom", "Baker", "Europe", "81005", "2025-01-01", "2026-02-27"),
    _owner("81008", "Noa", "Levi", "Europe", "81005", "2026-03-02"),
]
# The second team has no CRM: it is told by the files alone.
PARTNER_OWNERS = [
    _owner("p-1", "Kenji", "Sato", "Partners", "81001", "2025-01-01"),
    _owner("p-2", "Amira", "Haddad", "Partners", "p-1", "2025-03-01"),
]
LEAVER = next(owner for owner in OWNERS if owner.left_date)
HEIR = OWNERS[-1]
LEFT_AT = datetime.combine(LEAVER.left_date, time(17), UTC)

# Whose territory changes in the middle of a quarter, and into which team.
TEAM_CHANGES = [("81004", date(2026, 5, 18), "Europe")]

_PAID_IN_EUROS = "81006"  # whose quota is, too

# What marketing may spend in a quarter: the company, two channels and a team of it.
_BUDGETS = [
    ("marketing", None, 250_000, "USD"),
    ("search", "paid_search", 60_000, "USD"),
    ("social", "paid_social", 40_000, "EUR"),
    ("brand", "Brand", 20_000, "USD"),
]

_REPS = {
    "Americas": ["81003", "81004"],
    "Europe": ["81006", "81007"],
}


def rep_for(dice: Random, country: str, at: datetime) -> str:
    """The rep who takes somebody from a country at a moment."""
    team = "Americas" if country in ("United States", "Brazil", "Japan", "China") else "Europe"
    rep = dice.choice(_REPS[team])
    return HEIR.owner_id if rep == LEAVER.owner_id and at >= LEFT_AT else rep


def partner_rep(dice: Random, at: datetime) -> str:
    """The rep of the second team."""
    return dice.choice(PARTNER_OWNERS).owner_id if at.date() >= date(2025, 3, 1) else "p-1"


def quotas(as_of: date) -> list[dict[str, object]]:
    """Bookings expected of each rep in each quarter, as set by `as_of`; some are changed on the way.

    A version holds from `valid_from` on; the rep who started later than the company comes up to it by a ramp.
    """
    rows = []
    year, quarter = 2025, 1
    while date(year, quarter * 3 - 2, 1) <= as_of:
        start = date(year, quarter * 3 - 2, 1)
        end = (date(year + quarter // 4, quarter % 4 * 3 + 1, 1)) - timedelta(days=1)
        for owner in [owner for owner in OWNERS if owner.owner_id in ("81003", "81004", "81006", "81007", "81008")]:
            began, left = max(start, owner.start_date), owner.left_date
            if began > end or (left and left < start):
                continue
            rows.append(_quota(f"q-{owner.owner_id}-{start:%Y%m}-1", owner, None, start, end, 120_000, began))
            if owner.owner_id == "81004":  # raised in the middle of every second quarter
                changed = start + timedelta(days=45)
                if quarter % 2 == 0 and changed <= as_of:
                    rows.append(_quota(f"q-{owner.owner_id}-{start:%Y%m}-2", owner, None, start, end, 150_000, changed))
        rows.append(_quota(f"q-partners-{start:%Y%m}", None, "Partners", start, end, 80_000, start))
        for name, team, amount, currency in _BUDGETS:
            rows.append(_target(f"b-{name}-{start:%Y%m}", "marketing", "spend", team, start, end, amount, currency))
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)
    return rows


def splits(deal_number: int) -> list[tuple[str, float]]:
    """Who shares in a deal beside its owner: every seventh has a manager's help, some are two managers' alone."""
    if deal_number % 35 == 0:
        return [("81002", 0.5), ("81005", 0.5)]
    return [("81002", 0.3333)] if deal_number % 7 == 0 else []


def _quota(target_id, owner, team, start, end, amount, valid_from) -> dict[str, object]:
    currency = "USD"
    if owner and owner.owner_id == _PAID_IN_EUROS:
        amount, currency = amount * 11 // 12, "EUR"
    row = _target(target_id, "sales", "bookings", owner.team if owner else team, start, end, amount, currency)
    return row | {
        "owner_id": owner.owner_id if owner else None, "valid_from": valid_from,
        "ramp": "standard" if owner is HEIR else None,
    }  # fmt: skip


def _target(target_id, department, metric, team, start, end, amount, currency) -> dict[str, object]:
    return {
        "target_id": target_id, "department": department, "metric": metric, "owner_id": None, "team": team,
        "segment": None, "period_start": start, "period_end": end, "amount": amount, "currency": currency,
        "valid_from": start, "ramp": None,
    }  # fmt: skip
