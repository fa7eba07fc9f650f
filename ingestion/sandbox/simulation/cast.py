"""People written by hand: every special case happens in the company, whatever its size and seed.

Their numbers are below 1,000; each scene's docstring says what it is there for.
"""

from datetime import timedelta
from decimal import Decimal

from ingestion.sandbox.simulation import journey, market, people
from ingestion.sandbox.simulation.chance import chance
from ingestion.sandbox.simulation.facts import CRM, FILES, Facts, Firm, Record, StageChange, Touch, Visit
from ingestion.sandbox.simulation.life import Life
from ingestion.sandbox.simulation.scene import accepted, deal, known, moment, qualified


def play(facts: Facts, seed: int) -> None:
    """Add the cast's lives to the facts."""
    for number, scene in enumerate(SCENES, start=1):
        dice = chance(seed, "cast", number)
        firm = Firm(
            len(facts.firms) + 1, f"Cast & Co. {number}", f"cast-{number}.example", "en_US", "MACHINERY",
            "mid_market", moment("2025-01-01 06:00"),
        )  # fmt: skip
        facts.firms.append(firm)
        scene(Life(facts, dice, number, moment("2025-01-02 09:00"), firm))


def year_old_campaign_wins(life: Life) -> None:
    """Came by a campaign that was removed a year ago, and buys now (cases 12, 23)."""
    way = market.paid_way(market.CAMPAIGN["Launch 2025 | Search | US"])
    known(life, "2025-03-10 10:00", "Rosa", "Marín", way=way)
    accepted(life, qualified(life, "2026-04-01 09:00"), "2026-04-01 11:00", "2026-04-02 09:00")
    deal(
        life,
        {"appointmentscheduled": "2026-04-06 09:00", "presentationscheduled": "2026-05-04 09:00",
         "contractsent": "2026-06-15 09:00", "closedwon": "2026-06-29 15:30"},
        "48000.00",
    )  # fmt: skip


def last_evening_of_march(life: Life) -> None:
    """A deal closed on 31 March at 18:00 in Los Angeles: 1 April in UTC (case 24)."""
    known(life, "2026-01-10 10:00", "Cal", "Pacific")
    accepted(life, qualified(life, "2026-02-02 16:00"), "2026-02-03 17:00", "2026-02-04 17:00")
    deal(life, {"appointmentscheduled": "2026-02-05 17:00", "closedwon": "2026-04-01 01:00"}, "9000.00")


def a_month_to_close(life: Life) -> None:
    """Created on the 1st, closed on the 31st: thirty days (case 2)."""
    known(life, "2025-12-20 10:00", "Juno", "Thirty")
    accepted(life, qualified(life, "2025-12-29 10:00"), "2025-12-29 12:00", "2025-12-30 10:00")
    deal(life, {"appointmentscheduled": "2026-01-01 12:00", "closedwon": "2026-01-31 12:00"}, "3100.00")


def one_name(life: Life) -> None:
    """Two people of one name and two addresses (case 9)."""
    known(life, "2025-05-05 09:00", "Anna", "Müller", email="anna.mueller@cast-4.example")


def the_same_name(life: Life) -> None:
    """The other Anna Müller (case 9)."""
    known(life, "2025-05-06 09:00", "Anna", "Müller", email="a.mueller@cast-5.example")


def many_spellings(life: Life) -> None:
    """One mailbox in capitals, with dots and with a plus tag, in two systems (case 36)."""
    known(life, "2025-06-01 09:00", "Jane", "Doe", email="Jane.Doe@gmail.com")
    life.attend(market.Gathering("Seminar 2025-06", "seminar", moment("2025-06-12 14:00")))
    life.aliases["att"].email = "JaneDoe+seminar@GoogleMail.com"


def merged_twice(life: Life) -> None:
    """A record with a handoff and a won deal is merged into another, and that into a third under a new id (case 26)."""
    records = [
        known(life, f"{day} 09:00", "Lea", "Twice", email=f"lea.{day}@freemail.example")
        for day in ("2025-03-01", "2025-03-10")
    ]
    first = known(life, "2025-04-01 09:00", "Lea", "Twice")
    accepted(life, qualified(life, "2025-04-10 09:00"), "2025-04-10 15:00", "2025-04-11 09:00")
    deal(life, {"appointmentscheduled": "2025-04-14 09:00", "closedwon": "2025-05-20 09:00"}, "7777.77")
    journey.merge(life, [records[0], first], moment("2025-11-01 10:00"), keeps_id=True)
    journey.merge(life, [records[1], records[0]], moment("2025-12-01 10:00"), keeps_id=False)


def merged_after_the_first_night(life: Life) -> None:
    """Two records that the first night sees apart are one on the next (case 26)."""
    main = known(life, "2026-05-01 09:00", "Olu", "Soon")
    double = known(life, "2026-06-20 09:00", "Olu", "Soon", email="olu@freemail.example")
    journey.merge(life, [main, double], moment("2026-07-01 10:00"), keeps_id=True)


def deleted_customer(life: Life) -> None:
    """A customer whose record was deleted: the spell ends, the revenue stays (case 26)."""
    record = known(life, "2025-08-01 09:00", "Del", "Eted")
    accepted(life, qualified(life, "2025-08-04 09:00"), "2025-08-04 10:00", "2025-08-05 09:00")
    deal(life, {"appointmentscheduled": "2025-08-06 09:00", "closedwon": "2025-09-10 09:00"}, "5500.00")
    record.archived_at = moment("2026-06-10 12:00")
    record.gone_at = record.archived_at + timedelta(days=90)


def erased_customer(life: Life) -> None:
    """A customer who asked to be forgotten: the deal stays, with nobody (cases 15, 26)."""
    record = known(life, "2025-08-11 09:00", "Vergiss", "Mich")
    accepted(life, qualified(life, "2025-08-12 09:00"), "2025-08-12 10:00", "2025-08-13 09:00")
    deal(life, {"appointmentscheduled": "2025-08-14 09:00", "closedwon": "2025-10-01 09:00"}, "4100.00")
    record.archived_at = record.gone_at = moment("2026-03-03 12:00")


def deleted_and_purged(life: Life) -> None:
    """Deleted before the first night and purged after it: the vendor no longer tells it then (case 32)."""
    record = known(life, "2025-09-01 09:00", "Pur", "Ged")
    record.archived_at = moment("2026-04-03 12:00")
    record.gone_at = record.archived_at + timedelta(days=90)


def deleted_after_the_first_night(life: Life) -> None:
    """Deleted between two nights (case 26)."""
    known(life, "2025-10-01 09:00", "Bye", "Now").archived_at = moment("2026-07-01 12:00")


def comes_again(life: Life) -> None:
    """Rejected, warmed up again and handed over a second time: two stays in one stage (case 6)."""
    known(life, "2025-11-03 09:00", "Again", "Andagain")
    handoff = qualified(life, "2025-11-10 09:00")
    life.do("emails", moment("2025-11-11 09:00"), "Nice to meet you")
    life.at = handoff.decided_at = moment("2025-11-12 09:00")
    handoff.decision, handoff.reason = "rejected", "bad_timing"
    life.enter("disqualified")
    life.at = moment("2026-02-02 09:00")
    life.enter("warm", "INTEGRATION")
    life.status("OPEN")
    accepted(life, qualified(life, "2026-02-09 09:00"), "2026-02-10 09:00", "2026-02-11 09:00")


def unchanged_deal(life: Life) -> None:
    """A deal of 100,000 that nobody touched for weeks, in each night's pipeline all the same (cases 1, 3)."""
    known(life, "2026-03-01 09:00", "Still", "Waters")
    accepted(life, qualified(life, "2026-03-05 09:00"), "2026-03-05 11:00", "2026-03-06 09:00")
    deal(life, {"appointmentscheduled": "2026-03-09 09:00", "qualifiedtobuy": "2026-04-20 09:00"}, "100000.00")


def updated_deal(life: Life) -> None:
    """A deal whose stage and amount change between two nights counts once (case 7)."""
    known(life, "2026-05-01 09:00", "Up", "Dated")
    accepted(life, qualified(life, "2026-05-05 09:00"), "2026-05-05 11:00", "2026-05-06 09:00")
    sale = deal(
        life,
        {"appointmentscheduled": "2026-05-07 09:00", "presentationscheduled": "2026-07-01 09:00",
         "closedwon": "2026-07-02 09:00"},
        "12000.00",
    )  # fmt: skip
    sale.amounts.append((moment("2026-07-01 09:00"), Decimal("13500.00")))


def no_rate(life: Life) -> None:
    """Paid in a currency whose rates are missing for weeks (case 8)."""
    known(life, "2026-02-01 09:00", "João", "Real")
    accepted(life, qualified(life, "2026-02-03 09:00"), "2026-02-03 11:00", "2026-02-04 09:00")
    deal(
        life, {"appointmentscheduled": "2026-02-06 09:00", "closedwon": "2026-05-20 09:00"}, "25000.00", currency="BRL"
    )


def inverse_rate(life: Life) -> None:
    """The same currency while its rates are told, though only from dollars (case 10)."""
    known(life, "2026-02-01 10:00", "Zoë", "Real")
    accepted(life, qualified(life, "2026-02-03 10:00"), "2026-02-03 12:00", "2026-02-04 10:00")
    deal(
        life, {"appointmentscheduled": "2026-02-06 10:00", "closedwon": "2026-03-15 10:00"}, "20000.00", currency="BRL"
    )


def test_record(life: Life) -> None:
    """Marked as a test, and even handed over (case 30)."""
    known(life, "2026-01-05 09:00", "Testy", "McTest", excluded="test")
    life.at = moment("2026-01-06 09:00")
    life.enter("qualified", "INTEGRATION")


def one_of_us(life: Life) -> None:
    """A colleague trying out the form (case 30)."""
    known(life, "2026-01-07 09:00", "Ada", "Okafor", email=f"ada.okafor@{market.OWN_DOMAIN}", excluded="internal")


def junk(life: Life) -> None:
    """Somebody who fell on the keyboard (case 30)."""
    known(life, "2026-01-08 09:00", "asdf", "asdf", email="asdf.cast@asdf.example", excluded="junk")


def never_answered(life: Life) -> None:
    """Only a robot wrote, and a call logged by mistake was deleted: no response (cases 21, 35)."""
    known(life, "2026-05-11 09:00", "Nemo", "Nobody")
    qualified(life, "2026-05-12 09:00")
    life.do("emails", moment("2026-05-12 09:01"), "Thanks for your interest", is_automated=True)
    life.do("calls", moment("2026-05-12 10:00"), "Wrong contact").archived_at = moment("2026-05-13 10:00")
    life.do("calls", moment("2026-05-12 11:00"), "Intro call", status="no_show")


def answered_late(life: Life) -> None:
    """Handed over on Christmas Eve, answered three weeks later (case 35)."""
    known(life, "2025-12-20 09:00", "Noel", "Tardy")
    accepted(life, qualified(life, "2025-12-24 17:30"), "2026-01-14 09:00", "2026-01-15 09:00")


def not_yet_answered(life: Life) -> None:
    """Handed over on the afternoon of the first night: pending, and answered the day after (case 35)."""
    known(life, "2026-06-30 14:00", "Penn", "Ding")
    accepted(life, qualified(life, "2026-06-30 15:00"), "2026-07-01 08:30", "2026-07-01 09:00")


def everything_at_once(life: Life) -> None:
    """Made a lead and handed over in the same millisecond; skipped by no count (tied timestamps)."""
    known(life, "2026-04-07 09:00", "Tie", "Dup")
    accepted(life, qualified(life, "2026-04-07 09:00"), "2026-04-07 12:00", "2026-04-07 12:00")


def three_at_the_table(life: Life) -> None:
    """A deal of three people; two of them never had a touch (case 15)."""
    known(life, "2025-07-01 09:00", "Una", "Prima")
    accepted(life, qualified(life, "2025-07-07 09:00"), "2025-07-07 10:00", "2025-07-08 09:00")
    sale = deal(
        life,
        {"appointmentscheduled": "2025-07-10 09:00", "presentationscheduled": "2025-07-20 09:00",
         "decisionmakerboughtin": "2025-08-01 09:00", "closedwon": "2025-08-20 09:00"},
        "30000.00", currency="EUR",
    )  # fmt: skip
    for first in ("Duo", "Tre"):
        colleague = Record(
            CRM, str(life.number * 10 + life.slot("record")), moment("2025-07-09 09:00"), moment("2025-07-09 09:00"),
            f"{first.lower()}@{life.firm.domain}", first, "Prima", "", "Italy", "mid_market", life.firm.number,
            born_offline=True,
        )  # fmt: skip
        life.facts.records.append(colleague)
        sale.record_ids.append(colleague.record_id)


def reopened(life: Life) -> None:
    """A deal lost, reopened and won after all; its double was deleted (reopened and archived deals)."""
    known(life, "2025-09-01 10:00", "Phoe", "Nix")
    accepted(life, qualified(life, "2025-09-03 09:00"), "2025-09-03 10:00", "2025-09-04 09:00")
    deal(life, {"appointmentscheduled": "2025-09-08 09:10"}, "6500.00").archived_at = moment("2025-09-09 09:00")
    sale = deal(life, {"appointmentscheduled": "2025-09-08 09:00"}, "6500.00", currency="GBP", loss_reason="price")
    sale.steps += [
        (moment("2025-10-01 09:00"), "presentationscheduled"),
        (moment("2025-11-01 09:00"), "closedlost"),
        (moment("2025-12-01 09:00"), "decisionmakerboughtin"),
        (moment("2026-01-12 09:00"), "closedwon"),
    ]


def came_back(life: Life) -> None:
    """Customer, churned, won back: out of an exit by another won deal."""
    record = known(life, "2025-02-03 09:00", "Boo", "Merang")
    accepted(life, qualified(life, "2025-02-05 09:00"), "2025-02-05 10:00", "2025-02-06 09:00")
    deal(life, {"appointmentscheduled": "2025-02-10 09:00", "closedwon": "2025-03-10 09:00"}, "1200.00")
    plan = life.subscribe()
    plan.changes, plan.ended_at = [(life.at, Decimal("99.90"))], moment("2025-11-30 09:00")
    record.stages.append(StageChange("customer", moment("2025-03-10 09:00")))
    deal(
        life, {"appointmentscheduled": "2026-01-20 09:00", "closedwon": "2026-02-20 09:00"}, "1500.00",
        deal_type="existingbusiness",
    )  # fmt: skip


def two_plans(life: Life) -> None:
    """One of two subscriptions ends, the other rests for a while: still a customer, renewed by a recurring deal."""
    known(life, "2025-03-03 09:00", "Tu", "Plan")
    accepted(life, qualified(life, "2025-03-05 09:00"), "2025-03-05 10:00", "2025-03-06 09:00")
    deal(life, {"appointmentscheduled": "2025-03-10 09:00", "closedwon": "2025-04-10 09:00"}, "2400.00")
    first, second = life.subscribe(), life.subscribe("archive")
    for plan, price in ((first, "199.90"), (second, "49.90")):
        plan.changes = [(plan.started_at, Decimal(price))]
    first.changes += [(moment("2025-08-04 09:00"), Decimal(0)), (moment("2025-10-06 09:00"), Decimal("149.90"))]
    second.ended_at = moment("2025-12-31 09:00")
    deal(
        life, {"appointmentscheduled": "2026-03-10 09:00", "closedwon": "2026-04-10 09:00"}, "2400.00",
        deal_type="recurring",
    )  # fmt: skip


def sent_it_back(life: Life) -> None:
    """Two orders in the web shop and a refund: negative revenue."""
    known(life, "2026-03-02 09:00", "Reto", "Ur")
    for at, amount in (("2026-03-02 09:30", "120.00"), ("2026-04-02 09:30", "80.00"), ("2026-04-12 09:30", "-80.00")):
        sale = deal(
            life, {"closedwon": at}, amount, deal_type="existingbusiness" if life.won else "newbusiness",
            pipeline="ecommerce", owners=[],
        )  # fmt: skip
        sale.expected = [(life.at, life.at)]
        life.won += 1


def told_late(life: Life) -> None:
    """The second team hands in a stage change and a seminar ten days late: other spells keep their keys (case 22)."""
    life.system = FILES
    life.at = moment("2026-05-04 09:00")
    record = life.appear(face=people.Face("Late", "Comer", "late.comer@cast-31.example", "", "Egypt", "USD", ""))
    record.stages.append(StageChange("cold", life.at))
    record.stages.append(StageChange("warm", moment("2026-06-21 09:00"), known_at=moment("2026-07-01 08:00")))
    record.stages.append(StageChange("accepted", moment("2026-06-26 09:00")))
    record.touches.append(
        Touch("seminar", moment("2026-06-21 09:00"), moment("2026-07-01 08:00"), "seminar", "Seminar 2026-06",
              touch_id=f"met-{life.number}-late")
    )  # fmt: skip


def born_a_customer(life: Life) -> None:
    """Brought along as a customer by an import: no touch, no deal (cases 15, 25)."""
    life.at = moment("2025-01-02 07:00")
    life.appear(offline=True)
    life.enter("customer", "IMPORT")


def stage_told_later(life: Life) -> None:
    """Created without a stage; the first one came weeks later (case 25)."""
    life.at = moment("2025-06-02 07:00")
    life.appear(offline=True)
    life.attend(market.Gathering("Seminar 2025-07", "seminar", moment("2025-07-10 14:00")))
    life.enter("warm", "INTEGRATION")


def stage_nobody_knows(life: Life) -> None:
    """A stage that no map knows."""
    life.at = moment("2025-01-02 07:30")
    life.appear(offline=True)
    life.enter("other", "IMPORT")


def recommends(life: Life) -> None:
    """Somebody recommended by the customer of the first scene, who bought too."""
    life.referred_by = "10"
    known(life, "2025-06-10 09:00", "Reco", "Mended")


def _handed_in(life: Life, first: str, email: str, device: str = "") -> None:
    """Somebody the second team knows, who looked at the web site; each call is another person."""
    life.record = Record(
        FILES, f"lead-{life.number}-{life.slot('record')}", life.at, life.at, email, first, "Shared", "", "Italy", "",
        life.firm.number, device=device,
    )  # fmt: skip
    life.facts.records.append(life.record)
    life.at += timedelta(minutes=3)
    life.visit(market.GOOGLE)
    life.enter("warm", "FORM")


def one_office(life: Life) -> None:
    """Three people who gave the address of their office: three people."""
    life.system = FILES
    for day, first in enumerate(("Uno", "Due", "Trevor"), start=3):
        life.at = moment(f"2026-02-0{day} 09:00")
        _handed_in(life, first, f"{'Info' if first == 'Due' else 'info'}@{life.firm.domain}")


def one_kiosk(life: Life) -> None:
    """Five people sign in at one device of a fair, and somebody passes by: nobody is anybody else."""
    life.system = FILES
    life.at = moment("2026-03-10 09:00")
    for guest in range(5):
        _handed_in(life, f"Guest {guest}", "" if guest == 2 else f"guest{guest}@{life.firm.domain}", "v-kiosk")
    life.facts.visits.append(
        Visit(
            "kiosk-passer-by",
            "v-kiosk",
            life.at + timedelta(minutes=1),
            market.GOOGLE,
            "https://www.lumenworks.example/",
        )
    )


SCENES = [
    year_old_campaign_wins, last_evening_of_march, a_month_to_close, one_name, the_same_name, many_spellings,
    merged_twice, merged_after_the_first_night, deleted_customer, erased_customer, deleted_and_purged,
    deleted_after_the_first_night, comes_again, unchanged_deal, updated_deal, no_rate, inverse_rate, test_record,
    one_of_us, junk, never_answered, answered_late, not_yet_answered, everything_at_once, three_at_the_table, reopened,
    came_back, two_plans, sent_it_back, told_late, born_a_customer, stage_told_later, stage_nobody_knows, recommends,
    one_office, one_kiosk,
]  # fmt: skip
