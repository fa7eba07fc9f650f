"""What marketing spent and sent, and what came of it by channel."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from ingestion.sandbox.simulation import market
from ingestion.sandbox.simulation.facts import Facts
from ingestion.sandbox.truth.ledger import CONVERSIONS
from ingestion.sandbox.truth.money import Rates, Row, cents
from ingestion.sandbox.truth.people import Person
from ingestion.sandbox.world import AdDay


def channel_months(conversions: list[Row], won_deals: list[Row]) -> list[Row]:
    """Conversions and revenue by original channel and month."""
    rows: dict[tuple[date, str], Row] = {}

    def row(at: datetime, channel: str) -> Row:
        month = at.date().replace(day=1)
        empty = {"month": month, "channel": channel} | dict.fromkeys(CONVERSIONS, 0) | {"revenue": Decimal("0.00")}
        return rows.setdefault((month, channel), empty)

    for conversion in conversions:
        row(conversion["converted_at"], conversion["original_channel"])[conversion["conversion_type"]] += 1
    for deal in won_deals:
        row(deal["closed_at"], deal["original_channel"])["revenue"] += deal["amount_reporting"] or 0
    return [rows[key] for key in sorted(rows)]


def spend_days(ad_days: list[AdDay], rates: Rates, as_of: date) -> list[Row]:
    """Spend of every campaign and day up to `as_of`, `spend_reporting` in US dollars; a flight costs alike each day."""
    names = {(one.platform, one.account_id, one.campaign_id): (one.name, one.channel) for one in market.CAMPAIGNS}
    spend: dict[tuple, Decimal] = defaultdict(Decimal)
    for day in ad_days:
        currency = market.ACCOUNT[day.platform, day.account_id].currency
        name, channel = names[day.platform, day.account_id, day.campaign_id]
        spend[day.platform, day.account_id, name, channel, currency, day.day] += day.spend
    for flight in market.flights(as_of):
        days = (flight.end_date - flight.start_date).days + 1
        so_far = Decimal(0)
        for number in range(1, days + 1):
            running = cents(flight.amount * number / days)
            day = flight.start_date + timedelta(days=number - 1)
            if day <= as_of:
                spend["offline", None, flight.campaign, flight.channel, flight.currency, day] += running - so_far
            so_far = running
    return [
        {
            "platform": platform, "account_id": account, "campaign": campaign, "channel": channel,
            "currency": currency, "day": day, "spend": amount,
            "spend_reporting": None if (rate := rates.of(currency, day)) is None else cents(amount * rate),
        }
        for (platform, account, campaign, channel, currency, day), amount in spend.items()
    ]  # fmt: skip


def spend_months(days: list[Row]) -> list[Row]:
    """Spend by platform, account (offline: channel), currency and month."""
    spend: dict[tuple[str, str, str, date], Decimal] = defaultdict(Decimal)
    for day in days:
        account = day["account_id"] or day["channel"]
        spend[day["platform"], account, day["currency"], day["day"].replace(day=1)] += day["spend"]
    return [
        {"platform": platform, "account_id": account, "currency": currency, "month": month, "spend": amount}
        for (platform, account, currency, month), amount in sorted(spend.items())
    ]


def email_mailings(facts: Facts, as_of: date) -> list[Row]:
    """What became of each mailing; opens and clicks are counted as often as they happened."""
    counts = defaultdict(Counter)
    for record in facts.records:
        if record.gone_at:
            continue
        for action in record.mail_actions:
            kind = action.action
            if kind == "open":
                kind = "machine_open" if action.is_machine else "human_open"
            counts[action.mailing][kind] += 1
    return [
        {
            "campaign_id": letter.campaign_id,
            "sent_at": letter.sent_at,
            "human_opens": counts[letter.number]["human_open"],
            "machine_opens": counts[letter.number]["machine_open"],
            "clicks": counts[letter.number]["click"],
            "bounces": counts[letter.number]["bounce"],
            "unsubscribes": counts[letter.number]["unsubscribe"],
        }
        for letter in market.letters(as_of)
    ]


def email_opt_outs(people: list[Person]) -> list[Row]:
    """Who ever forbade all mail, and since when; no moment for who took it back."""
    rows = []
    for person in people:
        words = sorted(word for record in person.records if not record.gone_at for word in record.opt_outs)
        opted_out_at = None
        for at, is_out in words:
            opted_out_at = (opted_out_at or at) if is_out else None
        if words:
            rows.append({"person_id": person.person_id, "opted_out_at": opted_out_at})
    return rows
