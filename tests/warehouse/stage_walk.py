"""A person's stays in stages, by walking through what happened to them one event after the other.

The models never do that: they compare what is proved against another way of thinking.
"""

from dataclasses import dataclass
from datetime import datetime

RANKS = {
    "cold": 1, "warm": 2, "qualified": 3, "accepted": 4, "proposal": 5, "negotiation": 6, "customer": 7,
    "repeat_customer": 8,
}  # fmt: skip
EXITS = {"disqualified", "lost", "churned"}


@dataclass(frozen=True)
class Event:
    """Something that may move a person; `kind`: recorded, won, lost, deal, lead, ended, engaged."""

    at: datetime
    stage: str
    kind: str

    @property
    def order(self) -> tuple:
        """Ties are ordered by rank, exits last."""
        return self.at, self.stage in EXITS, RANKS.get(self.stage, 99), self.stage


@dataclass(frozen=True)
class Stay:
    """One stay in one stage, from its first moment."""

    stage: str
    entered_at: datetime
    is_inferred: bool = False


def stays(born: datetime | None, events: list[Event], deleted: datetime | None = None) -> list[Stay]:
    """The stays of one person, in order; nothing moves them once they are deleted."""
    known = [event for event in events if deleted is None or event.at <= deleted]
    known = [event for event in known if event.kind not in ("deal", "lead") or event.stage in RANKS]
    known = sorted((born_engaged(born, event) for event in known), key=lambda event: event.order)
    walked = []
    if born and not any(event.at <= born for event in known if event.kind != "ended"):
        walked.append(Stay("cold", born, is_inferred=True))
    been_customer = False
    for event in known:
        now = walked[-1].stage if walked else None
        rises = RANKS.get(event.stage, 0) > RANKS.get(now, 0)
        moves = {
            "recorded": True,
            "won": rises,
            "deal": rises and not been_customer,
            "lead": rises and not been_customer,
            "lost": not been_customer,
            "ended": been_customer,
            "engaged": now in ("cold", None),
        }[event.kind]
        been_customer |= event.kind in ("recorded", "won") and RANKS.get(event.stage, 0) >= RANKS["customer"]
        if moves and event.stage != now:
            walked.append(Stay(event.stage, event.at))
    return walked


def born_engaged(born: datetime | None, event: Event) -> Event:
    """Who is engaged before being created is engaged when created."""
    if born and event.kind == "engaged":
        return Event(max(event.at, born), event.stage, event.kind)
    return event
