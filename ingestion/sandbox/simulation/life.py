"""What a person and those who work with them can do, and the traces that each step leaves.

Whoever is recorded by the CRM leaves the same traces there as by a real one: marketing's automation records stages,
reps decide on lead objects and move deals, and a won deal makes a customer at the very moment it closes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from ingestion.sandbox.simulation import market, people, team
from ingestion.sandbox.simulation.chance import after, at_work
from ingestion.sandbox.simulation.facts import (
    CRM,
    FILES,
    Doing,
    Facts,
    Firm,
    Handoff,
    MailAction,
    Plan,
    Record,
    Sale,
    StageChange,
    Touch,
    Way,
)

REJECTIONS = ["no_budget", "no_authority", "no_need", "bad_timing", "competitor", "unreachable"]
LOSSES = ["price", "competitor", "no decision", "missing feature", "budget cut"]
_NEXT_STEPS = ["qualifiedtobuy", "presentationscheduled", "decisionmakerboughtin", "contractsent"]


@dataclass
class Life:
    """A person's life while it is being told: what they did so far is in `facts`, `at` is where the story stands."""

    facts: Facts
    dice: Random
    number: int
    at: datetime
    firm: Firm | None
    system: str = CRM
    record: Record = None
    face: people.Face = None
    rep: str = ""
    referred_by: str | None = None
    won: int = 0
    colleague: Record | None = None
    aliases: dict[str, Record] = field(default_factory=dict)  # records of the same person in the files
    _slots: dict[str, int] = field(default_factory=dict)

    def slot(self, of: str) -> int:
        """How many of something this life has had so far: ids count on it."""
        self._slots[of] = self._slots.get(of, -1) + 1
        return self._slots[of]

    def had(self, of: str) -> int:
        """How many of something this life has had."""
        return self._slots.get(of, -1) + 1

    # Becoming known

    def appear(self, *, offline: bool = False, excluded: str | None = None, face: people.Face | None = None) -> Record:
        """A record of the person is created now."""
        self.face = face or people.meet(self.dice, base36(self.number), self.firm)
        record_id = str(self.number * 10 + self.slot("record")) if self.system == CRM else f"lead-{self.number}"
        self.record = Record(
            self.system, record_id, self.at, self.at, self.face.email, self.face.first_name, self.face.last_name,
            self.face.phone, self.face.country, self.face.segment, self.firm.number if self.firm else None,
            excluded=excluded, born_offline=offline, referred_by=self.referred_by,
        )  # fmt: skip
        self.facts.records.append(self.record)
        return self.record

    def also_known_by(self, name: str, known_at: datetime) -> Record:
        """The same person in the handed-over files, by the same address written another way."""
        if name in self.aliases:
            return self.aliases[name]
        main = self.record
        email = self.dice.choice([main.email, main.email.upper(), main.email.title()])
        record = Record(
            FILES, f"{name}-{self.number}", self.at, known_at, email, main.first_name, main.last_name, "", main.country,
            "", main.company, excluded=main.excluded,
        )  # fmt: skip
        self.aliases[name] = record
        self.facts.records.append(record)
        return record

    # What people do

    def visit(self, way: Way | None = None) -> None:
        """A session on the web site, by some open way unless told."""
        way = way or market.way_in(self.dice, self.at)
        click_id = f"{way.click_kind}.{self.dice.getrandbits(96):024x}" if way.click_kind else ""
        name = way.campaign.name if way.campaign else way.utm_campaign
        touch_id = f"visit-{self.number}-{self.slot('touch')}"
        self.record.touches.append(Touch("session", self.at, self.at, way.channel, name, way, click_id, touch_id))

    def submit_form(self) -> None:
        """A form, less than two minutes into the session."""
        self.wait(0.0003, 0.0012)
        session = self.record.touches[-1]
        self.record.touches.append(Touch("form", self.at, self.at, session.channel, session.campaign))

    def attend(self, gathering: market.Gathering) -> None:
        """A seminar or fair: only the attendance list knows, and some lists come days later."""
        self.at = gathering.at
        known_at = after(self.dice, self.at, 1, 4) if self.dice.random() < 0.2 else self.at
        attendee = self.also_known_by("att", known_at)
        touch_id = f"met-{self.number}-{self.slot('touch')}"
        attendee.touches.append(
            Touch(gathering.channel, self.at, known_at, gathering.channel, gathering.name, touch_id=touch_id)
        )

    def wait(self, shortest: float, longest: float) -> None:
        """Days pass."""
        self.at = after(self.dice, self.at, shortest, longest)

    def browse(self, times: int) -> None:
        """Some more sessions over the next weeks."""
        for _ in range(times):
            self.wait(0.5, 12)
            self.visit()

    # What is recorded of them

    def enter(self, stage: str, by: str = "CRM_UI") -> None:
        """The person's stage is recorded."""
        self.record.stages.append(StageChange(stage, self.at, by))

    def status(self, value: str) -> None:
        """The CRM's lead status."""
        self.record.statuses.append((self.at, value))

    def take(self) -> None:
        """A rep takes the person; when the rep leaves, the heir does."""
        choose = team.rep_for if self.system == CRM else _partner_rep
        self.rep = choose(self.dice, self.face.country, self.at)
        self.record.owners.append((self.at, self.rep))
        if self.rep == team.LEAVER.owner_id:
            self.record.owners.append((team.LEFT_AT, team.HEIR.owner_id))

    def rep_at(self, at: datetime) -> str:
        """Who works for the person at a moment."""
        return team.HEIR.owner_id if self.rep == team.LEAVER.owner_id and at >= team.LEFT_AT else self.rep

    def owners_from(self, at: datetime) -> list[tuple[datetime, str]]:
        """Who owns what begins now; the heir does once the leaver has left."""
        owners = [(at, self.rep_at(at))]
        if owners[0][1] == team.LEAVER.owner_id:
            owners.append((team.LEFT_AT, team.HEIR.owner_id))
        return owners

    def do(self, kind: str, at: datetime, text: str, **told: object) -> Doing:
        """An activity of the rep."""
        number = 600_000_000 + self.number * 200 + self.slot("doing")
        doing = Doing(
            self.system, str(number) if self.system == CRM else f"act-{number}", kind, at, told.pop("known_at", at),
            [self.record.record_id], self.rep_at(at), text=text, **told,
        )  # fmt: skip
        self.facts.doings.append(doing)
        return doing

    # Marketing's part

    def warm_up_by_letter(self) -> None:
        """A mailing is opened and clicked."""
        letter = market.next_letter(self.at + timedelta(hours=1))
        self.record.joined_at = self.record.joined_at or self.record.created_at + timedelta(minutes=1)
        self.at = letter.sent_at + timedelta(seconds=self.dice.randrange(300, 150_000))
        self.enter("warm", "INTEGRATION")
        read(self, letter, self.at)

    def hand_over(self, *, again: bool = False) -> str:
        """Marketing hands the person over; sales answers in time, late or never. The outcome: accepted, ..."""
        self.visit()
        self.submit_form()
        self.enter("qualified", "INTEGRATION")
        self.take()
        return self.be_worked(again=again)

    def be_worked(self, *, again: bool = False) -> str:
        """Sales' answer to a handoff of this very moment: accepted, rejected, returned or open."""
        dice = self.dice
        handoff = Handoff(str(400_000_000 + self.number * 10 + self.slot("lead")), self.at, self.rep)
        self.record.handoffs.append(handoff)
        self.status("NEW")
        self.do("emails", self.at + timedelta(seconds=61), "Thanks for your interest", is_automated=True)
        answer = dice.choices(["in time", "late", "never"], [70, 17, 0 if again else 13])[0]
        if answer == "never":
            if dice.random() < 0.4:
                self.wait(30, 60)
                self.enter("warm", "INTEGRATION")
                return "returned"
            return "open"
        self.at = at_work(dice, after(dice, self.at, *((0.02, 0.4) if answer == "in time" else (4, 12))))
        if dice.random() < 0.12:  # decided at first sight
            return self.decide(handoff)
        if dice.random() < 0.05:  # logged by mistake, deleted the next day
            wrong = self.do("calls", self.at, "Intro call (wrong contact)")
            wrong.archived_at = after(dice, self.at, 0.1, 1)
        if dice.random() < 0.25:
            self.do("calls", self.at, "Intro call", status="no_show")
            handoff.attempted_at = self.at
            self.status("OPEN")
            self.wait(0.01, 0.2)
        kind, text = ("calls", "Intro call") if dice.random() < 0.6 else ("emails", "Nice to meet you")
        self.do(kind, self.at, text, known_at=after(dice, self.at, 0, 2 if dice.random() < 0.05 else 0.01))
        handoff.attempted_at = handoff.attempted_at or self.at
        if dice.random() < 0.08:
            return "open"
        self.at = at_work(dice, after(dice, self.at, 0.02, 8))
        return self.decide(handoff)

    def decide(self, handoff: Handoff) -> str:
        """The rep accepts or rejects."""
        handoff.decided_at = self.at
        if self.dice.random() < 0.7:
            handoff.decision = "accepted"
            self.enter("accepted")
            self.status("IN_PROGRESS")
        else:
            handoff.decision, handoff.reason = "rejected", self.dice.choice(REJECTIONS)
            self.enter("disqualified")
        return handoff.decision

    # Sales' part

    def sell(self, deal_type: str = "newbusiness") -> str:
        """A deal, from its first appointment to won, lost or never decided."""
        dice = self.dice
        self.wait(0.05, 5)
        if self.record.handoffs and self.record.handoffs[-1].decision == "accepted":
            self.record.handoffs[-1].finished_at = self.record.handoffs[-1].finished_at or self.at
        sale = self.open_deal(deal_type)
        self.bring_colleague(sale)
        if self.system == CRM and dice.random() < 0.02:
            self.open_twice(sale)
        for step in _NEXT_STEPS:
            if dice.random() < (0.12 if step == "presentationscheduled" else 0.35):
                continue
            self.wait(1, 16)
            self.move(sale, step)
            self.work_deal(sale, step)
        if dice.random() < 0.08 and len(sale.steps) > 2:  # a step back moves the deal, not the person
            self.wait(1, 6)
            sale.steps.append((self.at, "qualifiedtobuy"))
        if dice.random() < 0.1:
            return "open"
        self.wait(1, 25)
        if dice.random() < (0.5 if self.won == 0 else 0.65):
            return self.win(sale)
        sale.loss_reason = dice.choice(LOSSES)
        sale.steps.append((self.at, "closedlost"))
        if dice.random() < 0.07 and self.won == 0:  # reopened
            self.wait(5, 40)
            sale.steps.append((self.at, "decisionmakerboughtin"))
            self.wait(2, 20)
            if dice.random() < 0.5:
                return self.win(sale)
            sale.steps.append((self.at, "closedlost"))
        return "lost"

    def open_deal(self, deal_type: str, pipeline: str = "default", first_step: str = "appointmentscheduled") -> Sale:
        """A deal is created; the first one of a person may come without a value."""
        dice, number = self.dice, 500_000_000 + self.number * 30 + self.slot("deal")
        scale = {"enterprise": 40_000, "mid_market": 12_000}.get(self.face.segment, 3_000)
        amount = Decimal(round(scale * dice.lognormvariate(0, 0.6) * 100)) / 100
        sale = Sale(
            self.system, str(number) if self.system == CRM else f"deal-{number}", [self.record.record_id],
            f"{self.firm.name if self.firm else self.record.full_name} / {deal_type}",
            self.face.currency, self.owners_from(self.at), deal_type, [(self.at, first_step)], [(self.at, amount)],
            [(self.at, self.at + timedelta(days=45))], pipeline, self.record.company,
            is_referral=self.referred_by is not None,
        )  # fmt: skip
        self.facts.sales.append(sale)
        return sale

    def open_twice(self, sale: Sale) -> None:
        """Some reps create a deal twice and delete the double the same day."""
        double = self.open_deal(sale.deal_type)
        double.name, double.amounts, double.archived_at = (
            sale.name,
            sale.amounts[:1],
            after(self.dice, self.at, 0.01, 0.3),
        )

    def bring_colleague(self, sale: Sale) -> None:
        """Some deals have several people; the colleague was typed in by the rep shortly before."""
        if self.colleague is None and self.firm and self.system == CRM and self.dice.random() < 0.18:
            at = sale.created_at - timedelta(hours=self.dice.randrange(2, 60))
            face = people.meet(self.dice, f"{base36(self.number)}c", self.firm)
            self.colleague = Record(
                CRM, str(self.number * 10 + self.slot("record")), at, at, face.email, face.first_name, face.last_name,
                face.phone, face.country, face.segment, self.record.company, born_offline=True,
            )  # fmt: skip
            if self.dice.random() < 0.5:
                self.colleague.stages.append(StageChange("cold", at))
            self.facts.records.append(self.colleague)
        if self.colleague:
            sale.record_ids.append(self.colleague.record_id)

    def move(self, sale: Sale, step: str) -> None:
        """The deal reaches a step; most teams keep the person's own stage in step with it."""
        sale.steps.append((self.at, step))
        if step == "presentationscheduled" and self.won == 0 and self.dice.random() < 0.8:
            self.enter("proposal")
        if self.dice.random() < 0.3:
            changed = (sale.amounts[-1][1] * Decimal(self.dice.choice(["0.9", "1.15", "1.3"]))).quantize(
                Decimal("0.01")
            )
            sale.amounts.append((self.at, changed))
        if self.dice.random() < 0.3:
            sale.expected.append((self.at, self.at + timedelta(days=self.dice.randrange(10, 60))))

    def work_deal(self, sale: Sale, step: str) -> None:
        """The meetings and tasks that go with a step."""
        dice = self.dice
        if dice.random() < 0.5:
            booked = self.at - timedelta(days=dice.randrange(0, 3))
            booked = max(booked, sale.created_at)
            at = at_work(dice, after(dice, self.at, 0.1, 4))
            status = dice.choices(["completed", "no_show", "canceled"], [8, 1, 1])[0]
            self.do("meetings", at, f"{step} meeting", status=status, known_at=booked, deal_id=sale.deal_id)
        if dice.random() < 0.4:
            self.do("tasks", self.at, "Send documents", deal_id=sale.deal_id, known_at=self.at)
        if dice.random() < 0.3:
            self.do("emails", after(dice, self.at, 0.1, 1), "Re: your offer", direction="inbound", deal_id=sale.deal_id)

    def win(self, sale: Sale) -> str:
        """Closed won: a customer at this moment, or once more."""
        sale.steps.append((self.at, "closedwon"))
        sale.loss_reason = None
        self.won += 1
        if self.won == 1:
            if self.dice.random() < 0.85:
                self.enter("customer")
        elif self.won == 2 and self.dice.random() < 0.6:
            self.enter("repeat_customer")
        return "won"

    # Afterwards

    def subscribe(self, plan: str = "team") -> Plan:
        """A monthly subscription in the billing system, which knows the person by its own id."""
        payer = self.also_known_by("bill", self.at)
        price = Decimal(self.dice.choice([49, 99, 199, 499])) + Decimal("0.90")
        number = self.slot("plan")
        bought = Plan(
            f"sub-{self.number}-{number}", payer.record_id, self.record.company, plan, self.face.currency, self.at,
            [(self.at, price)],
        )  # fmt: skip
        at = self.at
        for _ in range(self.dice.choice([0, 0, 1, 2])):
            at = after(self.dice, at, 30, 150)
            price = (price * Decimal(self.dice.choice(["1.5", "2", "0.5"]))).quantize(Decimal("0.01"))
            bought.changes.append((at, price))
        self.facts.plans.append(bought)
        return bought

    def stay(self) -> None:
        """Life as a customer: a subscription, more deals, perhaps the end, perhaps a new beginning."""
        dice = self.dice
        began = self.at
        plan = self.subscribe() if dice.random() < 0.55 else None
        ends_at = after(dice, began, 90, 400) if plan and dice.random() < 0.3 else None
        while dice.random() < 0.4:
            self.wait(60, 250)
            if ends_at and self.at + timedelta(days=80) > ends_at:
                break
            self.sell(dice.choice(["existingbusiness", "recurring"]))
        if ends_at is None:
            return
        self.at = max(ends_at, self.at + timedelta(days=1))
        plan.changes = [change for change in plan.changes if change[0] < self.at]
        plan.ended_at = self.at
        if dice.random() < 0.15:
            self.wait(20, 90)
            self.sell("existingbusiness")


def _partner_rep(dice: Random, _country: str, at: datetime) -> str:
    return team.partner_rep(dice, at)


def base36(number: int) -> str:
    """A number as it stands in an address."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"


def read(life: Life, letter: market.Letter, at: datetime) -> None:
    """A human opens a mailing and clicks its link, which begins a session."""
    record, ip = life.record, f"84.{life.dice.randrange(256)}.{life.dice.randrange(256)}.7"
    url = f"https://www.{market.OWN_DOMAIN}/news/{letter.number}"
    record.mail_actions.append(MailAction(letter.number, "open", at, ip))
    clicked_at = at + timedelta(seconds=life.dice.randrange(5, 60))
    record.mail_actions.append(MailAction(letter.number, "click", clicked_at, ip, url))
    touch_id = f"{letter.campaign_id}-{life.number}"
    record.touches.append(Touch("email_click", clicked_at, clicked_at, "email", letter.title, touch_id=touch_id))
    way = market.mail_way(letter.title)
    record.touches.append(Touch("session", clicked_at, clicked_at, "email", letter.title, way))
