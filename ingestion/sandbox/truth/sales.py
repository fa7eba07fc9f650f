"""What sales did with the people handed over, and what came of it."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from ingestion.sandbox.simulation import market
from ingestion.sandbox.simulation.facts import CRM, Doing, Handoff, Sale
from ingestion.sandbox.truth.ledger import DEAL_STAGES, is_open, movement
from ingestion.sandbox.truth.money import Rates, Row, cents
from ingestion.sandbox.truth.people import Person, each_once, is_real
from ingestion.sandbox.truth.touches import is_done

SALES = ("accepted", "proposal", "negotiation", "customer", "repeat_customer")
DEAL_TYPES = {"newbusiness": "new", "existingbusiness": "expansion"}


def handoffs_of(person: Person) -> list[Row]:
    """Each entry into `qualified`, its response and its decision."""
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
        if is_done(doing) and doing.kind != "tasks" and doing.direction == "outbound" and doing.at >= qualified_at
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


def first_worked_at(person: Person) -> datetime | None:
    """When a human of sales first did something with the person, or decided about them or a deal of theirs."""
    moments = [doing.at for doing in person.doings if is_done(doing) and doing.kind != "tasks"]
    moments += [sale.created_at for sale in person.sales if sale.pipeline != "ecommerce"]
    for record in person.records:
        moments += [handoff.decided_at for handoff in record.handoffs if handoff.decided_at]
        moments += [
            change.at for change in record.stages if change.by == "CRM_UI" and change.stage in (*SALES, "disqualified")
        ]
    return min(moments, default=None)


def activities(doings: list[Doing], by_record: dict[str, Person]) -> list[Row]:
    """Every call, meeting, email and task that was not deleted and whose time was told, under its first real person."""
    return [
        {
            "system": doing.system,
            "person_id": next(
                (by_record[record].person_id for record in doing.record_ids if not by_record[record].excluded), None
            ),
            "owner_id": doing.owner_id,
            "kind": doing.kind,
            "at": doing.at,
            "direction": doing.direction,
            "status": doing.status,
            "is_automated": doing.is_automated,
        }
        for doing in doings
        if is_real(doing.record_ids, by_record) and not doing.archived_at and not doing.is_undated
    ]


def deals(sales: list[Sale], by_record: dict[str, Person], rates: Rates, as_of: date) -> list[Row]:
    """Every deal as it stands in the end, in US dollars of its closing day, or of `as_of` while it is open."""
    rows = []
    for sale in sales:
        closed_at, step = sale.steps[-1]
        outcome = {"closedwon": "won", "closedlost": "lost"}.get(step, "open")
        people = each_once(by_record[record_id] for record_id in sale.record_ids)
        rate = rates.of(sale.currency, as_of if outcome == "open" else closed_at.date())
        rows.append(
            {
                "system": sale.system,
                "deal_id": sale.deal_id,
                "person_id": next((person.person_id for person in people if not person.excluded), None),
                "company": sale.company,
                "owner_id": sale.owner_id,
                "deal_type": DEAL_TYPES.get(sale.deal_type, sale.deal_type),
                "created_at": sale.created_at,
                "outcome": outcome,
                "closed_at": None if outcome == "open" else closed_at,
                "deleted_at": sale.archived_at,
                "amount": sale.amounts[-1][1],
                "amount_reporting": None if rate is None else cents(sale.amounts[-1][1] * rate),
                "is_referral": sale.is_referral,
            }
        )
    return rows


def deal_spells(sales: list[Sale]) -> list[Row]:
    """Each deal's stays in stages, in order; the last one ends when the deal is deleted."""
    rows = []
    for sale in sales:
        stages = [(at, {"won": "customer"}.get(DEAL_STAGES[step], DEAL_STAGES[step])) for at, step in sale.steps]
        stays = [stay for number, stay in enumerate(stages) if number == 0 or stages[number - 1][1] != stay[1]]
        ends = [*(at for at, _ in stays[1:]), sale.archived_at and max(sale.archived_at, stays[-1][0])]
        for number, ((entered_at, stage), exited_at) in enumerate(zip(stays, ends, strict=True)):
            rows.append(
                {
                    "system": sale.system,
                    "deal_id": sale.deal_id,
                    "stage": stage,
                    "entered_at": entered_at,
                    "exited_at": exited_at,
                    "movement": movement(stays[number - 1][1] if number else None, stage),
                    "entry_number": sum(earlier == stage for _, earlier in stays[: number + 1]),
                }
            )
    return rows


def won_deals(sales: list[Sale], by_record: dict[str, Person], rates: Rates) -> list[Row]:
    """Won deals with their people and what they brought."""
    rows = []
    for sale in sales:
        closed_at, step = sale.steps[-1]
        if step != "closedwon":
            continue
        people = each_once(by_record[record_id] for record_id in sale.record_ids)
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
                "amount_reporting": None if rate is None else cents(amount * rate),
                "owner_id": sale.owner_id,
                "deal_type": DEAL_TYPES.get(sale.deal_type, sale.deal_type),
                "original_channel": people[0].original_channel if people else "unattributed",
            }
        )
    return rows


def lost_deals(sales: list[Sale], rates: Rates) -> list[Row]:
    """Lost deals, how far they had come, and why they were lost."""
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
                "amount_reporting": None if rate is None else cents(sale.amounts[-1][1] * rate),
                "stage": next((stage for stage in reversed(stages) if stage != "lost"), "accepted"),
                "was_negotiated": "negotiation" in stages,
                "reason": sale.loss_reason,
            }
        )
    return rows


def _valid(versions: list[tuple[datetime, object]], end: datetime) -> object:
    """What was valid just before a moment; the first value holds from the beginning."""
    return next((value for at, value in reversed(versions) if at < end), versions[0][1]) if versions else None


def pipeline_months(sales: list[Sale], rates: Rates, as_of: date) -> list[Row]:
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
            if not is_open(sale, end - timedelta(microseconds=1)):
                continue
            moment = end if sale.system == CRM else datetime.max.replace(tzinfo=UTC)
            stage = DEAL_STAGES[_valid(sale.steps, end)]
            cell = cells[stage, sale.system, _valid(sale.owners, moment)]
            cell[0] += 1
            cell[1] += cents(_valid(sale.amounts, moment) * (rates.of(sale.currency, last_day) or 0))
        rows += [
            {"day": last_day, "stage": stage, "system": system, "owner_id": owner, "deals": deals, "amount": amount}
            for (stage, system, owner), (deals, amount) in cells.items()
        ]
        month = next_month
    return rows
