"""Dice that fall the same way for the same name, on every machine and in every run."""

import hashlib
from datetime import datetime, timedelta
from random import Random


def chance(*name: object) -> Random:
    """A generator of its own for whatever `name` names: a person, a campaign's day, a rate's day."""
    digest = hashlib.blake2b("|".join(map(str, name)).encode(), digest_size=8).digest()
    return Random(int.from_bytes(digest, "big"))


def after(dice: Random, at: datetime, shortest: float, longest: float) -> datetime:
    """A moment between `shortest` and `longest` days after `at`, to the millisecond."""
    return at + timedelta(milliseconds=int(dice.uniform(shortest, longest) * 86_400_000))


def at_work(dice: Random, at: datetime) -> datetime:
    """The same moment if it is in working hours (08:00 to 18:00 UTC), else one in the next ones."""
    if at.weekday() < 5 and 8 <= at.hour < 18:
        return at
    day = at if at.hour < 8 else at + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day.replace(hour=dice.randrange(8, 12), minute=dice.randrange(60), second=dice.randrange(60))
