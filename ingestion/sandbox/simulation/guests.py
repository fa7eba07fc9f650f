"""More people written by hand, told after everybody else and working for nobody.

Newcomers draw their company and who recommends them from what is there: among the cast these would change all lives.
"""

from datetime import timedelta
from decimal import Decimal

from ingestion.sandbox.simulation import people
from ingestion.sandbox.simulation.chance import chance
from ingestion.sandbox.simulation.facts import FILES, Facts, StageChange
from ingestion.sandbox.simulation.life import Life
from ingestion.sandbox.simulation.scene import accepted, deal, known, moment, qualified

_FIRST_NUMBER = 500
_FIRST_CUSTOMER = "10"  # the contact of the cast's first scene


def play(facts: Facts, seed: int) -> None:
    """Add the guests' lives to the facts."""
    for number, scene in enumerate(SCENES, start=_FIRST_NUMBER):
        scene(Life(facts, chance(seed, "guest", number), number, moment("2025-01-02 09:00"), None))


def friends_of_friends(life: Life) -> None:
    """A customer's friend, the friend's friend and theirs: each came by the one before, and bought."""
    life.referred_by = _FIRST_CUSTOMER
    for month, first, amount in (("07", "Bea", "2100.00"), ("09", "Cem", "3200.50"), ("11", "Dora", "1800.25")):
        email = f"{first.lower()}.freund@freemail.example"
        record = known(life, f"2025-{month}-02 09:00", first, "Freund", email=email)
        accepted(life, qualified(life, f"2025-{month}-03 14:00"), f"2025-{month}-03 15:00", f"2025-{month}-04 14:00")
        deal(life, {"appointmentscheduled": f"2025-{month}-07 09:00", "closedwon": f"2025-{month}-24 09:00"}, amount)
        life.referred_by = record.record_id


def rehearsal(life: Life) -> None:
    """A test record with all that a customer has; none of it is true (case 30)."""
    life.referred_by = _FIRST_CUSTOMER
    record = known(
        life, "2026-01-12 09:00", "Testa", "McTest", email="testa.mctest@freemail.example", excluded="test"
    )  # fmt: skip
    record.joined_at = life.at + timedelta(minutes=1)
    handoff = qualified(life, "2026-01-13 09:00")
    accepted(life, handoff, "2026-01-13 10:00", "2026-01-14 09:00")
    steps = {"appointmentscheduled": "2026-01-15 09:00", "presentationscheduled": "2026-01-20 09:00"}
    deal(life, steps | {"closedwon": "2026-02-10 09:00"}, "987654.32")
    deal(life, steps | {"closedlost": "2026-02-11 09:00"}, "876543.21", loss_reason="price")
    deal(life, steps, "765432.10")
    life.subscribe().changes = [(life.at, Decimal("9999.90"))]
    life.at = moment("2026-03-02 09:00")
    life.enter("disqualified")
    qualified(life, "2026-03-09 09:00")


def sent_by_a_rehearsal(life: Life) -> None:
    """Somebody real, whom the test record is said to have recommended: recommended by nobody (case 30)."""
    life.referred_by = next(record.record_id for record in life.facts.records if record.email.startswith("testa."))
    known(life, "2026-02-16 09:00", "Sola", "Freund", email="sola.freund@freemail.example")


def called_at_no_time(life: Life) -> None:
    """Handed over by the second team; the only call has no time, so it is no answer and no touch."""
    life.system, life.rep = FILES, "p-1"
    life.at = moment("2026-04-13 09:00")
    record = life.appear(face=people.Face("Tempora", "Nulla", "tempora@freemail.example", "", "Egypt", "USD", ""))
    record.stages.append(StageChange("qualified", moment("2026-04-14 09:00")))
    life.do("calls", moment("2026-04-14 10:00"), "Intro call", is_undated=True)


def twice_in_a_month(life: Life) -> None:
    """Rejected, and handed over again in the same month: one qualified lead, two handoffs."""
    known(life, "2026-03-02 09:00", "Bis", "Freund", email="bis.freund@freemail.example")
    handoff = qualified(life, "2026-03-03 14:00")
    life.do("calls", moment("2026-03-03 15:00"), "Intro call")
    life.at = handoff.attempted_at = handoff.decided_at = moment("2026-03-03 15:00")
    handoff.decision, handoff.reason = "rejected", "bad_timing"
    life.enter("disqualified")
    life.at = moment("2026-03-16 09:00")
    life.enter("warm", "INTEGRATION")
    life.status("OPEN")
    accepted(life, qualified(life, "2026-03-17 14:00"), "2026-03-17 15:00", "2026-03-18 14:00")


def dropped_after_all(life: Life) -> None:
    """Taken up by sales, and sent back two weeks later: a yes that became a no."""
    known(life, "2026-04-01 09:00", "Doch", "Freund", email="doch.freund@freemail.example")
    accepted(life, qualified(life, "2026-04-02 14:00"), "2026-04-02 15:00", "2026-04-03 14:00")
    life.at = moment("2026-04-17 14:00")
    life.enter("disqualified")


SCENES = [
    friends_of_friends, rehearsal, called_at_no_time, sent_by_a_rehearsal, twice_in_a_month, dropped_after_all,
]  # fmt: skip
