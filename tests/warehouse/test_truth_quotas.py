"""Quotas, credits and attainment, as the warehouse tells them, against what was agreed and really sold."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import holidays

from tests.warehouse.conftest import Night
from tests.warehouse.reckoning import CENT, Rates, agree

QUOTA_RAMPS = Path("dbt_project/seeds/quota_ramps.csv")
HOLIDAYS = holidays.country_holidays("US")


def business_days(start: date, end: date) -> list[date]:
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    return [day for day in days if day.isoweekday() <= 5 and day not in HOLIDAYS]


def quota_of_days(night: Night, versions: list[dict], start: date, end: date) -> Iterator[tuple[date, Decimal]]:
    """The part of each business day, by the version valid then, in US dollars of the period's first day."""
    rates, days = Rates(night.world.files["fx_rates"]), business_days(start, end)
    for day in days:
        valid = [version for version in versions if version["valid_from"] <= day]
        if valid:
            quota = max(valid, key=lambda version: version["valid_from"])
            amount = quota["amount"] * (rates.of(quota["currency"], min(start, night.world.as_of)) or 0)
            yield day, amount * ramped(night, quota, day) / len(days)


def quotas_by_rep_and_team(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> dict[tuple[str, str, date], tuple[Decimal, Decimal]]:
    """What each rep owes in a period and a team: in all, and by now."""
    owed = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for (owner_id, start, end), versions in quotas_of_reps(night).items():
        for day, amount in quota_of_days(night, versions, start, end):
            cell = owner_of("files", owner_id), team_of(night, owner_id, day), start
            target, by_now = owed[cell]
            owed[cell] = target + amount, by_now + amount * (day <= night.world.as_of)
    return owed


def quotas_of_teams(night: Night, start: date, end: date) -> dict[str, tuple[Decimal, Decimal]]:
    """What teams owe by quotas of their own in a period."""
    versions = defaultdict(list)
    for row in night.world.files["targets"]:
        if row["department"] == "sales" and row["owner_id"] is None and row["period_start"] == start:
            versions[row["team"]].append(row)
    owed = {team: list(quota_of_days(night, rows, start, end)) for team, rows in versions.items()}
    return {
        team: (sum(amount for _, amount in days), sum(amount for day, amount in days if day <= night.world.as_of))
        for team, days in owed.items()
    }


def test_every_rep_of_the_crm_is_told_with_team_manager_and_whether_still_there(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> None:
    as_of = night.world.as_of
    really = {
        owner_of("hubspot", owner.owner_id): (
            f"{owner.first_name} {owner.last_name}",
            team_of(night, owner.owner_id, as_of),
            owner_of("hubspot", owner.manager_id),
            owner.start_date,
            not (owner.left_date and owner.left_date <= as_of),
        )
        for owner in night.world.owners
    }
    told = night.rows("select owner_key, full_name, team, manager_key, start_date, is_active from sales.dim_owners")
    assert {key: tuple(said) for key, *said in told if key in really} == really
    assert {is_active for *_, is_active in really.values()} == {True, False}


def test_quotas_count_each_business_day_for_the_team_of_that_day(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> None:
    really = quotas_by_rep_and_team(night, owner_of)
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


@dataclass(frozen=True)
class Credit:
    """A rep's part of a deal, in the team that the rep is in when it closes, or now."""

    deal: dict
    owner_key: str | None
    team: str | None
    share: Decimal
    amount: Decimal | None


def credits_of_deals(night: Night, owner_of: Callable[[str, str | None], str | None]) -> Iterator[Credit]:
    """Each deal shared out as agreed, the rest to its owner: by running sums, so that the parts sum to the cent."""
    agreed = defaultdict(list)
    for row in night.world.files["deal_splits"]:
        agreed[row["deal_id"]].append((row["owner_id"], Decimal(str(row["share"]))))
    for deal in night.world.truth["deals"]:
        shares, teams = defaultdict(Decimal), {}
        left = 1 - sum(share for _, share in agreed[deal["deal_id"]])
        last_day = (deal["closed_at"].date() if deal["closed_at"] else None) or night.world.as_of
        parts = [("files", *part) for part in agreed[deal["deal_id"]]]
        for system, owner_id, share in [*parts, *([(deal["system"], deal["owner_id"], left)] if left > 0 else [])]:
            owner = owner_of(system, owner_id)
            shares[owner] += share
            teams[owner] = team_of(night, owner_id, last_day) if owner_id else None
        amount, running, so_far = deal["amount_reporting"], Decimal(0), Decimal(0)
        for owner in sorted(shares, key=lambda owner: (owner is None, owner)):
            running += shares[owner]
            part = None if amount is None else (amount * running / sum(shares.values())).quantize(CENT, ROUND_HALF_UP)
            share = shares[owner] / sum(shares.values())
            yield Credit(deal, owner, teams[owner], share, None if part is None else part - so_far)
            so_far = part


def test_every_deal_is_credited_as_was_agreed(night: Night, owner_of: Callable[[str, str | None], str | None]) -> None:
    really = {
        (credit.deal["system"], credit.deal["deal_id"], credit.owner_key): credit
        for credit in credits_of_deals(night, owner_of)
    }
    told = {
        tuple(key): (team, {"share": float(share), "amount": amount})
        for *key, team, share, amount in night.rows("""
            select source, source_deal_id, credits.owner_key, team, share, credits.amount_reporting
            from sales.fct_deal_credits as credits inner join sales.fct_deals using (deal_key)
        """)
    }
    assert told.keys() == really.keys()
    for key, credit in really.items():
        team, figures = told[key]
        assert team == credit.team
        assert agree(figures, {"share": float(credit.share), "amount": credit.amount}, cents=0), (key, figures, credit)
    assert any(credit.deal["amount"] < 0 for credit in really.values())
    assert len(really) > len(night.world.truth["deals"])


@dataclass
class Attainment:
    """What a team or the company should bring in a period, has brought, and may still bring."""

    target: Decimal | None = None
    expected_by_now: Decimal | None = None
    bookings: Decimal = Decimal(0)
    pipeline: Decimal = Decimal(0)
    unconverted: Counter = field(default_factory=Counter)

    def owe(self, target: Decimal, expected_by_now: Decimal) -> None:
        self.target = (self.target or 0) + target
        self.expected_by_now = (self.expected_by_now or 0) + expected_by_now

    @property
    def attainment(self) -> float | None:
        is_told = self.target and not self.unconverted["bookings"]
        return float(self.bookings / self.target) if is_told else None

    @property
    def coverage(self) -> float | None:
        is_told = self.target is not None and self.target > self.bookings and not self.unconverted.total()
        return float(self.pipeline / (self.target - self.bookings)) if is_told else None


def test_teams_and_the_company_have_what_their_reps_owe_sold_and_may_still_sell(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> None:
    as_of, really = night.world.as_of, defaultdict(Attainment)

    def levels(owner: str | None, team: str | None, start: date) -> list[Attainment]:
        return [really["rep", owner, team, start], *levels_of_team(team, start)]

    def levels_of_team(team: str | None, start: date) -> list[Attainment]:
        return [really["team", None, team, start], really["company", None, None, start]]

    of_reps = quotas_by_rep_and_team(night, owner_of)
    for (owner, team, start), owed in of_reps.items():
        for cell in levels(owner, team, start):
            cell.owe(*owed)
    for start, end in {(start, end) for _, start, end in quotas_of_reps(night)}:
        with_quota = {team for _, team, began in of_reps if began == start}
        for team, owed in quotas_of_teams(night, start, end).items():
            for cell in levels_of_team(team, start) * (team not in with_quota):
                cell.owe(*owed)
        for credit in credits_of_deals(night, owner_of):
            closed_on = credit.deal["closed_at"] and credit.deal["closed_at"].date()
            is_won = credit.deal["outcome"] == "won" and start <= closed_on <= end
            is_open = credit.deal["outcome"] == "open" and credit.deal["deleted_at"] is None and end >= as_of
            for cell in levels(credit.owner_key, credit.team, start) if is_won or is_open else []:
                cell.bookings += (credit.amount or 0) * is_won
                cell.pipeline += (credit.amount or 0) * is_open
                if credit.amount is None:
                    cell.unconverted["bookings" if is_won else "pipeline"] += 1
    told = {
        tuple(key): values
        for *key, values in night.rows("""
            select level, owner_key, team, period_start, {
                'target': target, 'by_now': expected_by_now, 'bookings': bookings, 'attainment': attainment,
                'pipeline': pipeline_open, 'coverage': pipeline_coverage, 'ends': period_end
            }
            from sales.rpt_quota_attainment
        """)
    }
    assert told.keys() == really.keys()
    for key, cell in really.items():
        is_running = told[key].pop("ends") >= as_of
        expected = {
            "target": cell.target,
            "by_now": cell.expected_by_now,
            "bookings": cell.bookings,
            "attainment": cell.attainment,
            "pipeline": cell.pipeline if is_running else None,
            "coverage": cell.coverage if is_running else None,
        }
        # Each rep's quota is rounded to the cent.
        assert agree(told[key], expected, cents=len(of_reps)), (key, told[key], expected)
        assert told[key]["bookings"] == cell.bookings, key
    assert {cell.attainment is not None for cell in really.values()} == {True, False}
    assert any(values["coverage"] for values in told.values()) or night.world.scale == 1, "all quotas are reached"
