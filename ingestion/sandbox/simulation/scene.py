"""How the scenes of people written by hand are told: each step at a moment given as text, in UTC."""

from datetime import UTC, datetime
from decimal import Decimal

from ingestion.sandbox.simulation import market, people
from ingestion.sandbox.simulation.facts import Handoff, Record, Sale
from ingestion.sandbox.simulation.life import Life


def moment(text: str) -> datetime:
    """A day and time, as in `2026-04-01 09:00`."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def known(life: Life, at: str, first: str, last: str, *, email: str = "", way=None, **told: object) -> Record:
    """A contact who came by a session and filled in a form."""
    life.at = moment(at)
    face = people.Face(first, last, email or f"cast.{life.number}@{life.firm.domain}", "", "United States", "USD", "")
    record = life.appear(face=face, **told)
    life.visit(way or market.GOOGLE)
    life.enter("warm", "FORM")
    return record


def qualified(life: Life, at: str) -> Handoff:
    """Handed over at a moment; whatever sales does is told by the scene."""
    life.at = moment(at)
    life.enter("qualified", "INTEGRATION")
    life.rep = "81003"
    life.record.owners.append((life.at, life.rep))
    handoff = Handoff(str(400_000_000 + life.number * 10 + life.slot("lead")), life.at, life.rep)
    life.record.handoffs.append(handoff)
    return handoff


def accepted(life: Life, handoff: Handoff, called: str, decided: str) -> None:
    """Called and taken up by sales."""
    life.do("calls", moment(called), "Intro call")
    handoff.attempted_at = moment(called)
    life.at = handoff.decided_at = moment(decided)
    handoff.decision = "accepted"
    life.enter("accepted")


def deal(life: Life, steps: dict[str, str], amount: str, *, currency: str = "USD", **told: object) -> Sale:
    """A deal with its steps at given moments."""
    moments = [(moment(at), step) for step, at in steps.items()]
    life.at = moments[0][0]
    sale = life.open_deal(told.pop("deal_type", "newbusiness"), first_step=moments[0][1])
    sale.steps, sale.amounts, sale.currency = moments, [(life.at, Decimal(amount))], currency
    sale.owners = [(life.at, "81003")]
    for name, value in told.items():
        setattr(sale, name, value)
    life.at = moments[-1][0]
    return sale
