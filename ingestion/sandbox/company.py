"""The simulated company: one seed, one scale and one day make the same world, everywhere and always.

    world = company(date(2026, 6, 30), scale=0.1)

It sells software and tools to other companies, with a web shop and subscriptions, since 2025-01-01. At scale 1 about
5,000 people know it by 2026-06-30. `as_of` only reveals: the next day's world is the same company one day on. How it
comes about is told in `simulation/`, what really happened in `truth/`.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random

from ingestion.sandbox import truth
from ingestion.sandbox.simulation import cast, crm, guests, handover, journey, mail, market, media, people, team
from ingestion.sandbox.simulation.chance import chance
from ingestion.sandbox.simulation.facts import Facts, Firm, Visit
from ingestion.sandbox.simulation.life import Life
from ingestion.sandbox.simulation.reveal import reveal
from ingestion.sandbox.world import MailingList, World

FIRST_NIGHT = date(2026, 6, 30)
_PEOPLE_AT_FIRST_NIGHT = 5_000
_FIRST_NUMBER = 1_000  # smaller ones belong to the cast and the guests


def company(as_of: date = FIRST_NIGHT, seed: int = 1, scale: float = 1.0) -> World:
    """The whole company as its vendors know it at the end of `as_of` (UTC)."""
    with _uncollected():
        return _company(as_of, seed, scale)


def _company(as_of: date, seed: int, scale: float) -> World:
    facts = reveal(_history(as_of, seed, scale), as_of)
    clicks = media.clicks(facts)
    ad_days = media.ad_days(clicks, seed, scale, as_of)
    members, mailings, mail_events = media.mail(facts, as_of)
    campaigns = [campaign for campaign in market.CAMPAIGNS if campaign.start_date <= as_of]
    return World(
        seed=seed,
        scale=scale,
        as_of=as_of,
        accounts=market.ACCOUNTS,
        campaigns=campaigns,
        ad_days=ad_days,
        ad_parts=market.ad_parts(campaigns),
        clicks=clicks,
        web_days=media.web_days(facts, seed, scale, as_of),
        pages=media.PAGES,
        social_days=media.social_days(seed, scale, as_of),
        posts=media.posts(seed, as_of),
        mailing_lists=[MailingList(market.NEWSLETTER, "Newsletter")],
        members=members,
        mailings=mailings,
        mail_events=mail_events,
        owners=[owner for owner in team.OWNERS if owner.start_date <= as_of],
        companies=crm.companies(facts.firms),
        contacts=crm.contacts(facts),
        deals=crm.deals(facts),
        leads=crm.leads(facts),
        activities=crm.activities(facts),
        pipeline_stages=crm.PIPELINE_STAGES,
        files=handover.files(facts, seed, as_of),
        truth=truth.tell(facts, ad_days, handover.rates(seed, as_of), as_of),
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: nearly all that is made is kept, and looking through it takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@lru_cache(maxsize=2)
def _history(as_of: date, seed: int, scale: float) -> Facts:
    """Whole lives of everybody who came up to `as_of`; those who come later change none of them."""
    facts = Facts()
    cast.play(facts, seed)
    firms = _Firms(facts)
    number = _FIRST_NUMBER
    for arrived_at in _arrivals(as_of, seed, scale):
        dice = chance(seed, "person", number)
        journey.live(Life(facts, dice, number, arrived_at, firms.of(dice, arrived_at)))
        number += 1
    guests.play(facts, seed)
    mail.correspond_with_all(facts, market.letters(as_of), seed)
    _wander_by(facts, as_of, seed, scale)
    return facts


def _arrivals(as_of: date, seed: int, scale: float) -> Iterator[datetime]:
    """When people come: more each month, fewer at weekends."""
    days = (FIRST_NIGHT - market.FOUNDED).days + 1
    owed, day = 0.0, market.FOUNDED
    while day <= as_of:
        growth = 0.4 + 1.2 * (day - market.FOUNDED).days / days
        weekday = 0.45 if day.weekday() >= 5 else 1.22
        owed += _PEOPLE_AT_FIRST_NIGHT * scale / days * growth * weekday
        dice = chance(seed, "arrivals", day)
        today = sorted(dice.randrange(6 * 3_600_000, 22 * 3_600_000) for _ in range(int(owed)))
        owed -= len(today)
        for milliseconds in today:
            yield datetime.combine(day, time(), UTC) + timedelta(milliseconds=milliseconds)
        day += timedelta(days=1)


class _Firms:
    """The companies people work for: a newcomer brings a new one, works for a known one, or for none."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def of(self, dice: Random, at: datetime) -> Firm | None:
        """The company of somebody who comes now."""
        firms, kind = self._facts.firms, dice.random()
        if kind < 0.15:
            return None
        if kind < 0.6 and firms:
            return dice.choice(firms)
        firm = people.found_firm(dice, len(firms) + 1, at)
        firms.append(firm)
        return firm


def _wander_by(facts: Facts, as_of: date, seed: int, scale: float) -> None:
    """Visitors nobody ever gets to know, as the second team's web log shows them."""
    day = market.FOUNDED
    while day <= as_of:
        dice = chance(seed, "visitors", day)
        for number in range(int(2 * scale + dice.random())):
            at = datetime.combine(day, time(), UTC) + timedelta(seconds=dice.randrange(86_400))
            way = market.way_in(dice, at)
            event = f"anonymous-{day:%Y%m%d}-{number}"
            facts.visits.append(Visit(event, f"v-{event}", at, way, f"https://www.{market.OWN_DOMAIN}/"))
        day += timedelta(days=1)
