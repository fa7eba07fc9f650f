"""Deals, pipeline and referrals, as the warehouse tells them, against what really happened in the sandbox company."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from statistics import mean, median

from tests.warehouse.conftest import Night
from tests.warehouse.reckoning import agree, month_of
from tests.warehouse.truth import utc


def test_every_won_deal_is_worth_what_it_was(night: Night) -> None:
    really = Counter(
        (
            row["system"],
            row["deal_id"],
            utc(row["closed_at"]),
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


def test_every_activity_is_told_by_month_channel_and_rep(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> None:
    channel_of = {person["person_id"]: person["original_channel"] for person in night.world.truth["people"]}
    really = Counter(
        (
            row["system"],
            row["kind"].removesuffix("s"),
            month_of(row["at"]),
            channel_of.get(row["person_id"]),
            owner_of(row["system"], row["owner_id"]),
            row["direction"],
            # Whoever is called by the CRM and does not answer has failed to be reached.
            "failed"
            if (row["system"], row["kind"], row["status"]) == ("hubspot", "calls", "no_show")
            else row["status"],
            row["is_automated"],
        )
        for row in night.world.truth["activities"]
        if row["at"].date() <= night.world.as_of
    )
    told = night.rows("""
        select source, activity_type, cast(date_trunc('month', activity_date) as date), original_channel,
            activities.owner_key, direction, status, is_automated, count(*)
        from sales.fct_activities as activities left join core.dim_people using (person_key)
        group by all
    """)
    assert {tuple(cell): count for *cell, count in told} == really
    assert {automated for *_, automated in really} == {True, False}


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
        cell = row["closed_at"].date().replace(day=1), row["stage"], row["reason"] or "unstated"
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


def test_referrals_are_who_recommended_whom_and_what_they_bought(night: Night, key_of: dict[str, str]) -> None:
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
        (key_of[person], key_of[referrer], revenue[person]) for person, referrer in above.items()
    )
    through = defaultdict(Decimal)
    for person, referrer in above.items():
        while referrer:
            through[key_of[referrer]] += revenue[person]
            referrer = above.get(referrer)
    told = night.rows(
        "select referrer_person_key, chain_revenue from sales.rpt_referrals where referrer_person_key is not null"
    )
    assert dict(told) == dict(through)
    assert through


def test_every_deal_stands_as_it_was_left(night: Night, owner_of: Callable[[str, str | None], str | None]) -> None:
    really = Counter(
        (
            row["system"],
            row["deal_id"],
            owner_of(row["system"], row["owner_id"]),
            row["deal_type"],
            row["amount"],
            row["amount_reporting"],
            row["outcome"],
            utc(row["created_at"]),
            utc(row["closed_at"]),
            utc(row["deleted_at"]),
        )
        for row in night.world.truth["deals"]
    )
    told = night.rows("""
        select source, source_deal_id, owner_key, deal_type, amount, amount_reporting,
            case when is_won then 'won' when is_closed then 'lost' else 'open' end, created_at, closed_at, deleted_at
        from sales.fct_deals
    """)
    assert Counter(told) == really
    assert {row["outcome"] for row in night.world.truth["deals"]} == {"won", "lost", "open"}


def test_every_stay_of_a_deal_is_told_as_it_happened(night: Night) -> None:
    really = Counter(
        (
            row["system"],
            row["deal_id"],
            row["stage"],
            utc(row["entered_at"]),
            utc(row["exited_at"]),
            row["movement"],
            row["entry_number"],
        )
        for row in night.world.truth["deal_spells"]
    )
    told = night.rows("""
        select source, source_deal_id, deal_stages.stage, entered_at, exited_at, movement, entry_number
        from sales.fct_deal_stages as deal_stages inner join sales.fct_deals using (deal_key, source)
    """)
    assert Counter(told) == really
    assert {row["movement"] for row in night.world.truth["deal_spells"]} > {"initial", "forward", "backward", "exit"}


def ends_of_periods(night: Night) -> Iterator[tuple[str, date, date]]:
    """Each month and quarter with its last day that has been."""
    for period, months in (("month", 1), ("quarter", 3)):
        start = min(month_of(deal["created_at"]) for deal in night.world.truth["deals"]).replace(month=1)
        while start <= night.world.as_of:
            following = month_of(start + timedelta(days=31 * months))
            yield period, start, min(following - timedelta(days=1), night.world.as_of)
            start = following


def test_velocity_is_what_was_open_won_and_lost_and_how_long_it_took(night: Night) -> None:
    deals = {(row["system"], row["deal_id"]): row for row in night.world.truth["deals"]}
    stays = [row for row in night.world.truth["deal_spells"] if row["stage"] not in ("customer", "lost")]
    told = {
        tuple(key): values
        for *key, values in night.rows("""
            select period, period_start_date, deal_type, {
                'open': open_deals, 'closed': closed_deals, 'won': won_deals, 'amount': won_amount, 'refunds': refunds,
                'rate': win_rate, 'rate_by_amount': win_rate_by_amount, 'average': average_won_amount,
                'days': average_cycle_days, 'median_days': median_cycle_days, 'velocity': sales_velocity
            }
            from sales.rpt_sales_velocity where level in ('deal_type', 'company')
        """)
    }
    expected = {}
    for period, start, last_day in ends_of_periods(night):
        end = datetime.combine(last_day + timedelta(days=1), time(), UTC)
        closed = [
            deal for deal in deals.values() if deal["closed_at"] and start <= deal["closed_at"].date() <= last_day
        ]
        standing = [
            deals[row["system"], row["deal_id"]]
            for row in stays
            if row["entered_at"] < end and (row["exited_at"] is None or row["exited_at"] >= end)
        ]
        for deal_type in {None, *(deal["deal_type"] for deal in closed + standing)}:
            chosen = [deal for deal in closed if deal_type in (None, deal["deal_type"])]
            still_open = sum(deal_type in (None, deal["deal_type"]) for deal in standing)
            if chosen or still_open:
                expected[period, start, deal_type] = velocity_of(chosen, still_open)
    assert told.keys() == expected.keys()
    for key, values in expected.items():
        assert agree(told[key], values), (key, told[key], values)
    assert any(values["velocity"] for values in told.values())
    assert any(values["refunds"] for values in told.values())


def velocity_of(closed: list[dict], still_open: int) -> dict[str, object]:
    """How fast deals bring money; a refund is none, and deals without a rate leave no figure of money."""
    real = [deal for deal in closed if deal["amount"] >= 0]
    won = [deal for deal in real if deal["outcome"] == "won"]
    amount, whole = (sum(deal["amount_reporting"] or 0 for deal in some) for some in (won, real))
    days = [(deal["closed_at"].date() - deal["created_at"].date()).days for deal in won]
    is_told = all(deal["amount_reporting"] is not None for deal in closed)
    return {
        "open": still_open,
        "closed": len(real),
        "won": len(won),
        "amount": amount,
        "refunds": sum(deal["amount_reporting"] for deal in closed if deal["amount"] < 0),
        "rate": len(won) / len(real) if real else None,
        "rate_by_amount": float(amount / whole) if is_told and whole else None,
        "average": amount / len(won) if is_told and won else None,
        "days": mean(days) if days else None,
        "median_days": median(days) if days else None,
        "velocity": still_open * amount / len(real) / Decimal(mean(days)) if is_told and days and any(days) else None,
    }


def test_win_rate_and_cycle_of_a_stage_are_those_of_all_deals_that_ever_stood_in_it(
    night: Night, owner_of: Callable[[str, str | None], str | None]
) -> None:
    deals = {(row["system"], row["deal_id"]): row for row in night.world.truth["deals"] if row["closed_at"]}
    stood = {
        (row["stage"], row["system"], row["deal_id"])
        for row in night.world.truth["deal_spells"]
        if row["stage"] not in ("customer", "lost") and (row["system"], row["deal_id"]) in deals
    }
    judged = defaultdict(list)
    for stage, *deal in stood:
        closed = deals[tuple(deal)]
        judged[stage, owner_of(closed["system"], closed["owner_id"])].append(closed)
    really = {}
    for cell, closed in judged.items():
        won = [deal for deal in closed if deal["outcome"] == "won"]
        days = [(deal["closed_at"].date() - deal["created_at"].date()).days for deal in won]
        really[cell] = len(closed), len(won), len(won) / len(closed), median(days) if days else None
    told = night.rows(f"""
        select stage, owner_key, closed_deals, won_deals, win_rate, median_cycle_days
        from sales.rpt_pipeline where as_of_date = date '{night.world.as_of}' and closed_deals > 0
    """)
    assert {row[:2]: row[2:] for row in told} == really
    assert really
