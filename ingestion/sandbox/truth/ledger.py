"""The stages people went through and the conversions these make."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from ingestion.sandbox.simulation.facts import Sale
from ingestion.sandbox.truth.money import Row
from ingestion.sandbox.truth.people import Person

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
        return None if any(is_open(sale, event.at) for sale in sales if sale is not event.sale) else "lost"
    if current == "churned" or RANKS.get(event.stage, 0) <= RANKS.get(current, 0):
        return None
    return event.stage


def is_open(sale: Sale, at: datetime) -> bool:
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
                "movement": movement(previous, stage),
                "entry_number": entered[stage],
                "is_inferred": is_inferred,
            }
        )
    return rows


def movement(previous: str | None, stage: str) -> str:
    """How a stay follows the one before."""
    if previous is None:
        return "initial"
    if stage in EXITS:
        return "exit"
    if previous in EXITS:
        return "recycled"
    step = RANKS.get(stage, 0) - RANKS.get(previous, 0)
    return "backward" if step < 0 else "forward" if step == 1 else "skip"


def conversions_of(person: Person) -> list[Row]:
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
