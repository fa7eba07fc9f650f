"""How people met the company."""

from dataclasses import replace
from datetime import datetime

from ingestion.sandbox.simulation.facts import CRM, Doing
from ingestion.sandbox.truth.money import Row
from ingestion.sandbox.truth.people import Met, Person


def touches_of(person: Person) -> list[Met]:
    """Everything by which they met the company, in order; what a record says of its source counts only before all."""
    touches = [
        Met(touch.at, touch.channel, touch.campaign, touch.department)
        for record in person.records
        for touch in record.touches
        if record.system == CRM or touch.kind != "form"  # the second team's forms leave their session alone
    ]
    touches += [
        Met(doing.at, "warm_call" if doing.kind == "calls" else "meeting", "", "sales")
        for doing in person.doings
        if doing.kind in ("calls", "meetings") and is_done(doing)
    ]
    touches.sort(key=lambda touch: touch.at)
    told = min((record for record in person.records if record.source), key=lambda told: told.created_at, default=None)
    if told and (not touches or touches[0].at > told.created_at):
        touches.insert(0, Met(told.created_at, told.source, ""))
    if touches and touches[0].channel == "warm_call":
        touches[0] = replace(touches[0], channel="cold_call")
    return touches


def touch_rows(person: Person) -> list[Row]:
    """The person's touches as rows."""
    return [
        {
            "person_id": person.person_id,
            "touched_at": touch.at,
            "channel": touch.channel,
            "campaign": touch.campaign or None,
            "department": touch.department,
        }
        for touch in person.touches
    ]


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
    """Whether a human really did it, at a time that somebody told, and nobody deleted it."""
    is_real = not doing.is_automated and not doing.is_undated and doing.archived_at is None
    return doing.status == "completed" and is_real
