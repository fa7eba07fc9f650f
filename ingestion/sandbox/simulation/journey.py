"""How a life with the company goes: `live` tells all of it, step by step, whatever day we look at it.

cold -> warm -> qualified (handed over) -> accepted or rejected -> proposal -> negotiation -> customer -> ...
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from ingestion.sandbox.simulation import market, people
from ingestion.sandbox.simulation.chance import after, at_work
from ingestion.sandbox.simulation.facts import CRM, FILES, Record, StageChange, Touch
from ingestion.sandbox.simulation.life import Life, base36


def live(life: Life) -> None:
    """Tell a whole life: how the person comes in, and all that follows."""
    came = life.dice.choices(
        [_by_the_web, _by_import, _by_cold_call, _by_meeting, _by_the_shop, _in_a_stage, _by_partner, _as_noise],
        [58, 13, 6, 9, 5, 1, 6, 2],
    )[0]
    came(life)
    _tidy_up(life)


def _by_the_web(life: Life) -> None:
    """A session, then a form that makes a contact of the visitor; some ask for a demo at once."""
    dice = life.dice
    if dice.random() < 0.05:
        life.referred_by = _somebody_satisfied(life)
    life.appear()
    life.visit()
    if dice.random() < 0.08:
        if dice.random() < 0.5:  # the form makes a lead and the workflow hands it over in the same millisecond
            life.enter("warm", "FORM")
        life.enter("qualified", "INTEGRATION")
        life.take()
        _follow(life, life.be_worked())
        return
    life.enter("warm", "FORM")
    _nurture(life)


def _by_import(life: Life) -> None:
    """A bought list: nobody showed interest yet. Half of the imports do not even set a stage."""
    dice = life.dice
    life.appear(offline=True)
    if dice.random() < 0.6:
        life.enter("cold", "IMPORT")
    warmed = dice.random()
    if warmed < 0.3:
        life.warm_up_by_letter()
    elif warmed < 0.42:
        life.attend(market.next_gathering(dice, life.at))
        life.enter("warm", "INTEGRATION")
    else:
        return
    _nurture(life)


def _by_cold_call(life: Life) -> None:
    """A rep finds somebody and calls; who likes it is accepted without marketing's help."""
    dice = life.dice
    life.appear(offline=True)
    life.enter("cold")
    life.take()
    life.at = at_work(dice, after(dice, life.at, 0.001, 0.2))
    life.do("calls", life.at, "Cold call ☎")
    if dice.random() < 0.3:
        life.wait(0.01, 3)
        life.enter("accepted")
        _close(life)


def _by_meeting(life: Life) -> None:
    """Met at a seminar, a fair or an evening among peers."""
    gathering = market.next_gathering(life.dice, life.at)
    life.at = gathering.at
    life.appear(offline=True)
    life.attend(gathering)
    life.enter("warm", "IMPORT")
    _nurture(life)


def _by_the_shop(life: Life) -> None:
    """Orders in the web shop, without any rep; who ordered twice may send something back."""
    dice = life.dice
    life.appear()
    life.visit()
    life.enter("warm", "FORM")
    while True:
        life.wait(0.001, 5 if life.won == 0 else 90)
        order = life.open_deal("newbusiness" if life.won == 0 else "existingbusiness", "ecommerce", "closedwon")
        amount = Decimal(dice.randrange(1_900, 90_000)) / 100
        order.owners, order.amounts = [], [(life.at, amount)]
        order.name = f"Order {order.deal_id}"
        order.expected = [(life.at, life.at)]
        life.won += 1
        if life.won == 1:
            life.enter("customer", "INTEGRATION")
        if life.won >= 2 and dice.random() < 0.15:
            life.wait(1, 20)
            refund = life.open_deal("existingbusiness", "ecommerce", "closedwon")
            refund.owners, refund.amounts = [], [(life.at, -amount)]
            refund.name, refund.expected = f"Refund {order.deal_id}", [(life.at, life.at)]
        if dice.random() < 0.5:
            return


def _in_a_stage(life: Life) -> None:
    """Brought along from an older system: born as a customer or lead, or with a stage nobody here knows."""
    life.appear(offline=True)
    life.enter(life.dice.choice(["customer", "warm", "other"]), "IMPORT")


def _by_partner(life: Life) -> None:
    """The second team's leads: no CRM, only files."""
    dice = life.dice
    life.system = FILES
    record = life.appear()
    if dice.random() < 0.5:
        record.source = dice.choice(["word_of_mouth", "word_of_mouth", "partner", "networking"])
    else:
        life.visit()
    life.enter("warm")
    _nurture(life)


def _as_noise(life: Life) -> None:
    """Test records, colleagues and junk: in the systems, in no count."""
    dice = life.dice
    kind = dice.choice(["test", "internal", "junk"])
    key = base36(life.number)
    face = people.meet(dice, key, None)
    first, last, email = {
        "test": (face.first_name, face.last_name, face.email),
        "internal": (face.first_name, face.last_name, f"staff.{key}@{market.OWN_DOMAIN}"),
        "junk": ("asdf", "asdf", f"asdf.{key}@asdf.example"),
    }[kind]
    face = people.Face(first, last, email, "", face.country, face.currency, "")
    life.firm = None
    life.appear(excluded=kind, face=face)
    life.visit()
    life.enter("warm", "FORM")
    if dice.random() < 0.4:
        life.wait(0.1, 3)
        life.enter("qualified", "INTEGRATION")


def _nurture(life: Life) -> None:
    """Marketing's work on somebody warm, up to the handoff if they fit."""
    dice = life.dice
    life.browse(dice.choice([0, 0, 1, 1, 2, 3]))
    fate = dice.random()
    if fate < 0.46:
        life.wait(0.2, 40)
        _follow(life, life.hand_over())
    elif fate < 0.50:  # sales takes somebody up whom nobody handed over
        life.wait(0.2, 10)
        life.take()
        life.enter("accepted")
        _close(life)


def _follow(life: Life, outcome: str) -> None:
    """After a handoff: the deal, or marketing's second try."""
    if outcome == "accepted":
        _close(life)
    elif outcome == "rejected" and life.dice.random() < 0.3:
        _recycle(life)


def _close(life: Life) -> None:
    """Somebody accepted gets an offer, or is forgotten."""
    if life.dice.random() < 0.2:
        return
    outcome = life.sell()
    if outcome == "won":
        life.stay()
    elif outcome == "lost" and life.dice.random() < 0.25:
        _recycle(life)


def _recycle(life: Life) -> None:
    """Months later marketing warms them up again."""
    life.wait(30, 120)
    life.enter("warm", "INTEGRATION")
    life.status("OPEN")
    life.browse(1)
    if life.dice.random() < 0.6:
        life.wait(1, 20)
        _follow(life, life.hand_over(again=True))


def _somebody_satisfied(life: Life) -> str | None:
    """An earlier customer who recommends the company."""
    sales = life.facts.sales
    sale = life.dice.choice(sales) if sales else None
    is_won = sale and sale.system == CRM and any(step == "closedwon" and at < life.at for at, step in sale.steps)
    return sale.record_ids[0] if is_won else None


def _tidy_up(life: Life) -> None:
    """What happens to the record itself: it turns out to be a double, is deleted, or must be forgotten."""
    dice, record = life.dice, life.record
    fate = dice.random()
    if record.system != CRM or record.excluded or life.aliases:
        return
    if fate < 0.03 and not record.born_offline:
        _double(life)
    elif fate < 0.05 and not life.had("deal"):
        record.archived_at = after(dice, max(life.at, _last_seen(life)), 1, 60)
        record.gone_at = record.archived_at + timedelta(days=90)
    elif fate < 0.053:
        record.archived_at = record.gone_at = after(dice, max(life.at, _last_seen(life)), 1, 60)


def _last_seen(life: Life) -> datetime:
    """When anything happened to the person for the last time."""
    doings = [doing.at for doing in life.facts.doings[-life.had("doing") :]] if life.had("doing") else []
    return max([life.record.created_at, *doings])


def _double(life: Life) -> None:
    """The person has a second record, made while they were warm; weeks later a rep merges the two.

    Most come back under a private address; a few are typed in by a rep who did not look, without any stage.
    """
    dice, main = life.dice, life.record
    warm_until = main.stages[1].at if len(main.stages) > 1 else main.created_at + timedelta(days=50)
    days_warm = (warm_until - main.created_at) / timedelta(days=1)
    is_typed = main.stages[0].stage != "warm" or days_warm < 0.1
    at = after(dice, main.created_at, 1, 40) if is_typed else after(dice, main.created_at, 0.05, days_warm * 0.9)
    way = market.way_in(dice, at)
    double = Record(
        CRM, str(life.number * 10 + life.slot("record")), at, at, f"{base36(life.number)}.private@freemail.example",
        main.first_name, main.last_name, "", main.country, "", None,
    )  # fmt: skip
    double.born_offline = is_typed
    if not is_typed:
        name = way.campaign.name if way.campaign else way.utm_campaign
        double.touches.append(Touch("session", at, at, way.channel, name, way))
        double.stages.append(StageChange("warm", at, "FORM"))
    life.facts.records.append(double)
    merge(life, [main, double], after(dice, at, 2, 40), keeps_id=dice.random() < 0.7)


def merge(life: Life, records: list[Record], at: datetime, *, keeps_id: bool) -> Record:
    """Merge records into the first one, or into a new one that takes its place, as HubSpot sometimes does."""
    winner = records[0]
    if not keeps_id:
        winner = replace(
            records[0], record_id=str(life.number * 10 + life.slot("record")), known_at=at, stages=[], touches=[],
            handoffs=[], owners=[], statuses=[], mail_actions=[], joined_at=None,
        )  # fmt: skip
        life.facts.records.append(winner)
    for loser in records:
        if loser is not winner:
            loser.merged_at, loser.merged_into = at, winner.record_id
    return winner
