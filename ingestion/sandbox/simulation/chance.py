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
    """The same moment if it is in working hours, else one in the morning of the next ones.

    They are those of New York all year round, 14:00 to 21:00 UTC, as the agreement of the seeds has them.
    """
    if at.weekday() < 5 and 14 <= at.hour < 21:
        return at
    day = at if at.hour < 14 else at + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day.replace(hour=dice.randrange(14, 17), minute=dice.randrange(60), second=dice.randrange(60))
