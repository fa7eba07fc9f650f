"""What really happened, counted from the simulation itself and never from what a vendor shows of it.

Rendering and truth share the facts of `simulation/`, nothing else: `crm.py`, `mail.py` and `handover.py` scatter them
over systems in those systems' words, and the warehouse has to put them together again; here they are simply counted, by
the design's definitions. How its words are read where they leave room:

- **person**: the records that merges and equal addresses (case, blanks and a plus tag aside; at Gmail dots
  too) make one; who shares an office's address or a device is somebody else.
  Erased or purged records are no person any more: nothing tells them (a warehouse that pulled
  them before keeps the purged ones, so compare later nights without those whose reason is `purged`).
- **spell**: recorded changes as recorded; a deal's step moves a person only to a higher rank, or back from `lost`
  or `disqualified`, and only until they are a customer. The first won deal makes a customer, each later one a repeat
  customer, also after `churned`. A lost deal exits a person only if they have no other deal open or won then. The last
  of a person's subscriptions ending is `churned`. A deleted person's open spell ends with the deletion. A stage nobody
  mapped is `unmapped`.
- **handoff**: each entry into `qualified`. Its response is the first completed, outbound, human call, email or meeting
  that was not deleted, at or after it, or the rep's decision if that comes first.
- **original channel**: that of the first touch: session, form, click in a mailing, attendance, completed call.
  A call to somebody cold is a `cold_call`.
- **revenue**: won deals by closing day (UTC) under the primary person's original channel; in US dollars by the last
  rate on or before that day, at most 7 days old, else null.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ingestion.sandbox.simulation import market
from ingestion.sandbox.simulation.facts import CRM, Doing, Facts, Handoff, Plan, Record, Sale
from ingestion.sandbox.world import AdDay

RANKS = {
    "cold": 1,
    "warm": 2,
    "qualified": 3,
    "accepted": 4,
    "proposal": 5,
    "negotiation": 6,
    "customer": 7,
    "repeat_customer": 8,
}
EXITS = {"disqualified", "lost", "churned"}
CONVERSIONS = {"lead": 2, "qualified": 3, "opportunity": 5, "customer": 7}
DEAL_STAGES = {
    "appointmentscheduled": "accepted",
    "qualifiedtobuy": "accepted",
    "presentationscheduled": "proposal",
    "decisionmakerboughtin": "negotiation",
    "contractsent": "negotiation",
    "closedwon": "won",
    "closedlost": "lost",
}
OFFICES = {"info"}
_CENT = Decimal("0.01")

Row = dict[str, object]


@dataclass(slots=True)
class Person:
    """A human being with all their records."""

    records: list[Record]
    sales: list[Sale] = field(default_factory=list)
    doings: list[Doing] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    spells: list[Row] = field(default_factory=list)
    conversions: list[Row] = field(default_factory=list)
    first_touch: "FirstTouch | None" = None

    @property
    def original_channel(self) -> str:
        return self.first_touch.channel if self.first_touch else "unattributed"

    @property
    def first(self) -> Record:
        """The earliest record: it names the person."""
        return min(self.records, key=lambda record: (record.created_at, record.system, record.record_id))

    @property
    def person_id(self) -> str:
        return f"{self.first.system}:{self.first.record_id}"

    @property
    def created_at(self) -> datetime:
        return self.first.created_at

    @property
    def excluded(self) -> str | None:
        if all(record.gone_at for record in self.records):
            return "erased" if self.first.gone_at == self.first.archived_at else "purged"
        return next((record.excluded for record in self.records if record.excluded), None)

    @property
    def deleted_at(self) -> datetime | None:
        """When the last of their records was deleted, if all were."""
        standing = [record for record in self.records if not record.merged_into]
        if any(record.archived_at is None for record in standing):
            return None
        return max(record.archived_at for record in standing)


def tell(facts: Facts, ad_days: list[AdDay], rates: list[Row], as_of: date) -> dict[str, list[Row]]:
    """Every table of the truth, by its name."""
    people = _people(facts)
    for person in people:
        person.spells = spells(person)
        person.first_touch = _first_touch(person)
        person.conversions = _conversions(person)
    counted = [person for person in people if not person.excluded]
    by_record = {record.record_id: person for person in people for record in person.records}
    usd = _Rates(rates)
    won_deals = _won_deals(facts, by_record, usd)
    sales = [sale for sale in facts.sales if _is_real(sale.record_ids, by_record)]
    conversions = [conversion for person in counted for conversion in person.conversions]
    return {
        "people": [_person_row(person, by_record) for person in people],
        "spells": [spell for person in counted for spell in person.spells],
        "conversions": conversions,
        "handoffs": [handoff for person in counted for handoff in _handoffs(person)],
        "won_deals": won_deals,
        "lost_deals": _lost_deals(sales, usd),
        "pipeline_months": _pipeline_months(sales, usd, as_of),
        "channel_months": _channel_months(conversions, won_deals),
        "spend_months": _spend_months(ad_days, as_of),
        "mrr_months": _mrr_months(facts.plans, as_of),
        "mrr_movements": [
            movement
            for plan in facts.plans
            if _is_real([plan.record_id], by_record)
            for movement in _mrr_movements(plan, usd)
        ],
        "email_mailings": _email_mailings(facts, as_of),
    }


# Who is who


def same_address(email: str) -> str:
    """The form in which two addresses of one mailbox are equal."""
    local, _, domain = email.strip().lower().partition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def _people(facts: Facts) -> list[Person]:
    """Records joined into people by merges and addresses."""
    leader: dict[str, str] = {record.record_id: record.record_id for record in facts.records}

    def lead_of(record_id: str) -> str:
        while leader[record_id] != record_id:
            record_id = leader[record_id]
        return record_id

    by_address: dict[str, str] = {}
    for record in facts.records:
        if record.merged_into:
            leader[lead_of(record.record_id)] = lead_of(record.merged_into)
        if record.gone_at or not record.email:
            continue
        address = same_address(record.email)
        if address.partition("@")[0] in OFFICES:
            continue
        other = by_address.setdefault(address, record.record_id)
        leader[lead_of(record.record_id)] = lead_of(other)
    people: dict[str, Person] = {}
    for record in facts.records:
        people.setdefault(lead_of(record.record_id), Person([])).records.append(record)
    by_record = {record.record_id: person for person in people.values() for record in person.records}
    for sale in facts.sales:
        for person in _each_once(by_record[record_id] for record_id in sale.record_ids):
            person.sales.append(sale)
    for doing in facts.doings:
        for person in _each_once(by_record[record_id] for record_id in doing.record_ids):
            person.doings.append(doing)
    for plan in facts.plans:
        by_record[plan.record_id].plans.append(plan)
    return list(people.values())


def _each_once(people: Iterable[Person]) -> list[Person]:
    return list({id(person): person for person in people}.values())


def _person_row(person: Person, by_record: dict[str, Person]) -> Row:
    touch = person.first_touch
    entered = {row["conversion_type"]: row["converted_at"] for row in person.conversions}
    ids = {
        system: [record.record_id for record in person.records if record.system == system]
        for system in ("hubspot", "files")
    }
    return {
        "person_id": person.person_id,
        "hubspot_ids": ids["hubspot"],
        "files_ids": ids["files"],
        "created_at": person.created_at,
        "original_channel": person.original_channel,
        "original_campaign": (touch.campaign or None) if touch else None,
        "first_touch_at": touch.at if touch else None,
        "first_engaged_at": _first_engaged_at(person),
        "lead_at": entered.get("lead"),
        "qualified_at": entered.get("qualified"),
        "opportunity_at": entered.get("opportunity"),
        "customer_at": entered.get("customer"),
        "current_stage": person.spells[-1]["stage"],
        "is_excluded": person.excluded is not None,
        "exclusion_reason": person.excluded,
        "referred_by": next(
            (
                by_record[record.referred_by].person_id
                for record in person.records
                if record.referred_by and record.referred_by in by_record
            ),
            None,
        ),
    }


# Stages


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    stage: str
    sale: Sale | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        return self.at, RANKS.get("customer" if self.stage == "won" else self.stage, 99)


def spells(person: Person) -> list[Row]:
    """The person's stays in stages, in order; the last one is open unless they were deleted."""
    events = [
        _Event(change.at, "unmapped" if change.stage == "other" else change.stage)
        for record in person.records
        for change in record.stages
    ]
    events += [_Event(at, DEAL_STAGES[step], sale) for sale in person.sales for at, step in sale.steps]
    if person.plans and all(plan.ended_at for plan in person.plans):
        events.append(_Event(max(plan.ended_at for plan in person.plans), "churned"))
    events.sort(key=lambda event: event.order)
    entries: list[tuple[datetime, str, bool]] = []
    if not events or events[0].at > person.created_at:
        entries.append((person.created_at, "cold", True))
    won: set[str] = set()
    for event in events:
        current = entries[-1][1] if entries else None
        stage = _moved_to(event, current, won, person.sales)
        if stage is not None and stage != current:
            entries.append((event.at, stage, False))
    return _spell_rows(person, entries)


def _moved_to(event: _Event, current: str | None, won: set[str], sales: list[Sale]) -> str | None:
    """The stage an event moves a person to, None if it does not move them."""
    if event.sale is None:
        return event.stage
    if event.stage == "won":
        won.add(event.sale.deal_id)
        if len(won) > 1:
            return "repeat_customer"
        return "customer" if RANKS.get(current, 0) < RANKS["customer"] else None
    if won:
        return None
    if event.stage == "lost":
        return None if any(_is_open(sale, event.at) for sale in sales if sale is not event.sale) else "lost"
    if current == "churned" or RANKS.get(event.stage, 0) <= RANKS.get(current, 0):
        return None
    return event.stage


def _is_open(sale: Sale, at: datetime) -> bool:
    """Whether a deal is neither closed nor deleted at a moment."""
    step = next((step for moment, step in reversed(sale.steps) if moment <= at), None)
    is_deleted = sale.archived_at is not None and sale.archived_at <= at
    return step is not None and step not in ("closedwon", "closedlost") and not is_deleted


def _spell_rows(person: Person, entries: list[tuple[datetime, str, bool]]) -> list[Row]:
    rows, entered = [], Counter()
    for number, (at, stage, is_inferred) in enumerate(entries):
        entered[stage] += 1
        previous = entries[number - 1][1] if number else None
        is_last = number + 1 == len(entries)
        rows.append(
            {
                "person_id": person.person_id,
                "stage": stage,
                "entered_at": at,
                "exited_at": person.deleted_at if is_last else entries[number + 1][0],
                "previous_stage": previous,
                "movement": _movement(previous, stage),
                "entry_number": entered[stage],
                "is_inferred": is_inferred,
            }
        )
    return rows


def _movement(previous: str | None, stage: str) -> str:
    if previous is None:
        return "initial"
    if stage in EXITS:
        return "exit"
    if previous in EXITS:
        return "recycled"
    step = RANKS.get(stage, 0) - RANKS.get(previous, 0)
    return "backward" if step < 0 else "forward" if step == 1 else "skip"


def _conversions(person: Person) -> list[Row]:
    """The first moment at each rank or higher."""
    rows = []
    for conversion, rank in CONVERSIONS.items():
        at = next((spell["entered_at"] for spell in person.spells if RANKS.get(spell["stage"], 0) >= rank), None)
        if at is not None:
            rows.append(
                {
                    "person_id": person.person_id,
                    "conversion_type": conversion,
                    "converted_at": at,
                    "original_channel": person.original_channel,
                }
            )
    return rows


# Touches


@dataclass(frozen=True, slots=True)
class FirstTouch:
    """When and by which channel and campaign ("" without one) a person first met the company."""

    at: datetime
    channel: str
    campaign: str


def _first_touch(person: Person) -> FirstTouch | None:
    touches = [
        FirstTouch(touch.at, touch.channel, touch.campaign) for record in person.records for touch in record.touches
    ]
    touches += [
        FirstTouch(doing.at, "cold_call" if doing.kind == "calls" else "meeting", "")
        for doing in person.doings
        if doing.kind in ("calls", "meetings") and _is_done(doing)
    ]
    first = min(touches, key=lambda touch: touch.at, default=None)
    told = [record for record in person.records if record.source]
    for record in told:
        if first is None or first.at > record.created_at:
            first = FirstTouch(record.created_at, record.source, "")
    return first


def _first_engaged_at(person: Person) -> datetime | None:
    """The first thing the person did of their own accord; being called is none, nor is a recommendation."""
    moments = [touch.at for record in person.records for touch in record.touches]
    moments += [
        action.at
        for record in person.records
        for action in record.mail_actions
        if action.action in ("open", "click") and not action.is_machine
    ]
    return min(moments, default=None)


def _is_done(doing: Doing) -> bool:
    return doing.status == "completed" and not doing.is_automated and doing.archived_at is None


# Sales


def _handoffs(person: Person) -> list[Row]:
    works = {handoff.qualified_at: handoff for record in person.records for handoff in record.handoffs}
    return [
        _handoff_row(person, spell, works.get(spell["entered_at"]))
        for spell in person.spells
        if spell["stage"] == "qualified"
    ]


def _handoff_row(person: Person, spell: Row, work: Handoff | None) -> Row:
    qualified_at = spell["entered_at"]
    answers = [
        doing.at
        for doing in person.doings
        if _is_done(doing) and doing.kind != "tasks" and doing.direction == "outbound" and doing.at >= qualified_at
    ]
    if work and work.decided_at:
        answers.append(work.decided_at)
    return {
        "person_id": person.person_id,
        "qualified_at": qualified_at,
        "first_response_at": min(answers, default=None),
        "decision": (work.decision if work else None) or "open",
        "decided_at": work.decided_at if work else None,
        "rejection_reason": work.reason if work and any(r.system == CRM for r in person.records) else None,
        "original_channel": person.original_channel,
    }


class _Rates:
    """Exchange rates to US dollars: the last one on or before a day, at most seven days old."""

    def __init__(self, rates: list[Row]) -> None:
        found = defaultdict(list)
        for row in rates:
            if row["to_currency"] == "USD":
                found[row["from_currency"]].append((row["rate_date"], row["rate"]))
            else:
                found[row["to_currency"]].append((row["rate_date"], 1 / row["rate"]))
        self._found = {currency: sorted(rows) for currency, rows in found.items()}

    def of(self, currency: str, day: date) -> Decimal | None:
        if currency == "USD":
            return Decimal(1)
        rows = self._found.get(currency, [])
        position = bisect_right(rows, day, key=lambda row: row[0])
        if position == 0 or rows[position - 1][0] < day - timedelta(days=7):
            return None
        return rows[position - 1][1]


def _won_deals(facts: Facts, by_record: dict[str, Person], rates: _Rates) -> list[Row]:
    rows = []
    for sale in facts.sales:
        closed_at, step = sale.steps[-1]
        if step != "closedwon":
            continue
        people = _each_once(by_record[record_id] for record_id in sale.record_ids)
        people = [person for person in people if not person.excluded]
        amount = sale.amounts[-1][1]
        rate = rates.of(sale.currency, closed_at.date())
        rows.append(
            {
                "system": sale.system,
                "deal_id": sale.deal_id,
                "person_ids": [person.person_id for person in people],
                "company": sale.company,
                "closed_at": closed_at,
                "amount": amount,
                "currency": sale.currency,
                "amount_reporting": None if rate is None else _cents(amount * rate),
                "owner_id": sale.owner_id,
                "deal_type": {"newbusiness": "new", "existingbusiness": "expansion"}.get(
                    sale.deal_type, sale.deal_type
                ),
                "original_channel": people[0].original_channel if people else "unattributed",
            }
        )
    return rows


def _is_real(record_ids: list[str], by_record: dict[str, Person]) -> bool:
    """Whether anybody of them is more than a test record."""
    return any(by_record[record_id].excluded in (None, "erased", "purged") for record_id in record_ids)


def _lost_deals(sales: list[Sale], rates: _Rates) -> list[Row]:
    rows = []
    for sale in sales:
        closed_at, step = sale.steps[-1]
        if step != "closedlost":
            continue
        stages = [DEAL_STAGES[step] for _, step in sale.steps]
        rate = rates.of(sale.currency, closed_at.date())
        rows.append(
            {
                "system": sale.system,
                "deal_id": sale.deal_id,
                "owner_id": sale.owner_id,
                "closed_at": closed_at,
                "amount_reporting": None if rate is None else _cents(sale.amounts[-1][1] * rate),
                "stage": next((stage for stage in reversed(stages) if stage != "lost"), "accepted"),
                "was_negotiated": "negotiation" in stages,
                "reason": sale.loss_reason,
            }
        )
    return rows


def _valid(versions: list[tuple[datetime, object]], end: datetime) -> object:
    """What was valid just before a moment; the first value holds from the beginning."""
    return next((value for at, value in reversed(versions) if at < end), versions[0][1]) if versions else None


def _pipeline_months(sales: list[Sale], rates: _Rates, as_of: date) -> list[Row]:
    """Open deals at the end of each month, the last month at the end of `as_of`, at that day's rates.

    The second team's files tell no history of amounts and owners: there the last ones count.
    """
    rows, month = [], market.FOUNDED
    while month <= as_of:
        next_month = (month + timedelta(days=32)).replace(day=1)
        last_day = min(next_month - timedelta(days=1), as_of)
        end = datetime.combine(last_day + timedelta(days=1), time(), UTC)
        cells = defaultdict(lambda: [0, Decimal("0.00")])
        for sale in sales:
            if not _is_open(sale, end - timedelta(microseconds=1)):
                continue
            moment = end if sale.system == CRM else datetime.max.replace(tzinfo=UTC)
            stage = DEAL_STAGES[_valid(sale.steps, end)]
            cell = cells[stage, sale.system, _valid(sale.owners, moment)]
            cell[0] += 1
            cell[1] += _cents(_valid(sale.amounts, moment) * (rates.of(sale.currency, last_day) or 0))
        rows += [
            {"day": last_day, "stage": stage, "system": system, "owner_id": owner, "deals": deals, "amount": amount}
            for (stage, system, owner), (deals, amount) in cells.items()
        ]
        month = next_month
    return rows


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


# Totals


def _channel_months(conversions: list[Row], won_deals: list[Row]) -> list[Row]:
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


def _spend_months(ad_days: list[AdDay], as_of: date) -> list[Row]:
    """Spend by platform, account, currency and month; offline flights by their days up to `as_of`."""
    spend: dict[tuple[str, str, str, date], Decimal] = defaultdict(Decimal)
    for day in ad_days:
        currency = market.ACCOUNT[day.platform, day.account_id].currency
        spend[day.platform, day.account_id, currency, day.day.replace(day=1)] += day.spend
    for flight in market.flights(as_of):
        days = (flight.end_date - flight.start_date).days + 1
        so_far = Decimal(0)
        for number in range(days):
            day = flight.start_date + timedelta(days=number)
            if day > as_of:
                break
            running = _cents(flight.amount * (number + 1) / days)
            spend["offline", flight.channel, flight.currency, day.replace(day=1)] += running - so_far
            so_far = running
    return [
        {"platform": platform, "account_id": account, "currency": currency, "month": month, "spend": amount}
        for (platform, account, currency, month), amount in sorted(spend.items())
    ]


def _mrr_months(plans: list[Plan], as_of: date) -> list[Row]:
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


def _mrr_movements(plan: Plan, rates: _Rates) -> list[Row]:
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
            moved = _cents((mrr - before) * rate)
        now_counted = _cents(mrr * rate)
        rows.append(
            {
                "subscription_id": plan.subscription_id,
                "plan": plan.plan,
                "at": at,
                "movement": movement,
                "moved": moved,
                "currency_effect": now_counted - counted - moved,
            }
        )
        before, counted, was_paid = mrr, now_counted, True
    return rows


def _email_mailings(facts: Facts, as_of: date) -> list[Row]:
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
