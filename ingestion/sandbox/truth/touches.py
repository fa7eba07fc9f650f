"""How people met the company."""

from datetime import datetime

from ingestion.sandbox.simulation.facts import Doing
from ingestion.sandbox.truth.people import FirstTouch, Person


def first_touch_of(person: Person) -> FirstTouch | None:
    """The first moment they met the company; what a record says of its source counts only before any other."""
    touches = [
        FirstTouch(touch.at, touch.channel, touch.campaign) for record in person.records for touch in record.touches
    ]
    touches += [
        FirstTouch(doing.at, "cold_call" if doing.kind == "calls" else "meeting", "")
        for doing in person.doings
        if doing.kind in ("calls", "meetings") and is_done(doing)
    ]
    first = min(touches, key=lambda touch: touch.at, default=None)
    told = [record for record in person.records if record.source]
    for record in told:
        if first is None or first.at > record.created_at:
            first = FirstTouch(record.created_at, record.source, "")
    return first


def first_engaged_at(person: Person) -> datetime | None:
    """The first thing the person did of their own accord; being called is none, nor is a recommendation."""
    moments = [touch.at for record in person.records for touch in record.touches]
    moments += [
        action.at
        for record in person.records
        for action in record.mail_actions
        if action.action in ("open", "click") and not action.is_machine
    ]
    return min(moments, default=None)


def is_done(doing: Doing) -> bool:
    """Whether a human really did it, and nobody deleted it."""
    return doing.status == "completed" and not doing.is_automated and doing.archived_at is None
