"""Who people are: names, companies and addresses from ten countries, drawn from pools made once."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random

from faker import Faker

from ingestion.sandbox.simulation.facts import Firm

# locale: country as the CRM spells it, currency of its deals, share of all people, dialling code
_COUNTRIES = {
    "en_US": ("United States", "USD", 30, "+1"),
    "en_GB": ("United Kingdom", "GBP", 14, "+44"),
    "de_DE": ("Germany", "EUR", 20, "+49"),
    "fr_FR": ("France", "EUR", 12, "+33"),
    "pt_BR": ("Brazil", "USD", 6, "+55"),
    "ja_JP": ("Japan", "USD", 6, "+81"),
    "zh_CN": ("China", "USD", 4, "+86"),
    "he_IL": ("Israel", "USD", 4, "+972"),
    "ar_EG": ("Egypt", "USD", 4, "+20"),
}
_INDUSTRIES = ["MACHINERY", "COMPUTER_SOFTWARE", "LOGISTICS_AND_SUPPLY_CHAIN", "RETAIL", "HOSPITAL_HEALTH_CARE"]
_SEGMENTS = ["enterprise", "mid_market", "small_business"]
_POOL = 150


@dataclass(frozen=True)
class _Names:
    first: list[str]
    last: list[str]
    companies: list[str]


@cache
def _names(locale: str) -> _Names:
    """A pool of names of one locale: Faker takes its time, so it is asked once."""
    fake = Faker(locale)
    fake.seed_instance(20250101)
    return _Names(
        [fake.first_name() for _ in range(_POOL)],
        [fake.last_name() for _ in range(_POOL)],
        [fake.company() for _ in range(_POOL)],
    )


@dataclass(frozen=True, slots=True)
class Face:
    """A person's name and address."""

    first_name: str
    last_name: str
    email: str
    phone: str
    country: str
    currency: str
    segment: str


def plain(text: str) -> str:
    """Text as it may stand in an address: lower-case ASCII letters and digits, perhaps nothing."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in ascii_text if letter.isalnum())


def locale_of(dice: Random) -> str:
    """Where a person comes from."""
    return dice.choices(list(_COUNTRIES), [share for _, _, share, _ in _COUNTRIES.values()])[0]


def found_firm(dice: Random, number: int, created_at: datetime) -> Firm:
    """A company nobody knew before."""
    locale = locale_of(dice)
    name = dice.choice(_names(locale).companies)
    if dice.random() < 0.02:
        name = dice.choice([f"{name} 🚀", f'"{name}" & Sons', f"{name}\n(formerly {name} Ltd.)", f"  {name}"])
    slug = plain(name)[:18] or plain(locale)
    return Firm(
        number, name, f"{slug}-{number}.example", locale, dice.choice(_INDUSTRIES),
        dice.choices(_SEGMENTS, [2, 3, 5])[0], created_at,
    )  # fmt: skip


def country_of(locale: str) -> str:
    """The country's name as the CRM spells it."""
    return _COUNTRIES[locale][0]


def meet(dice: Random, key: str, firm: Firm | None) -> Face:
    """Somebody, of a company or on their own; `key` makes the address theirs alone."""
    locale = firm.country if firm and dice.random() < 0.9 else locale_of(dice)
    country, currency, _, dial = _COUNTRIES[locale]
    names = _names(locale)
    first, last = dice.choice(names.first), dice.choice(names.last)
    local = ".".join(part for part in (plain(first), plain(last)) if part)
    domain = firm.domain if firm else "freemail.example"
    email = f"{local}.{key}@{domain}" if local else f"{key}@{domain}"
    if dice.random() < 0.01:
        first = dice.choice([f"{first} 😀", f"{first} “{first[:2]}”", f"{first}\n"])
    phone = f"{dial} {dice.randrange(10, 99)} {dice.randrange(1_000_000, 9_999_999)}" if dice.random() < 0.7 else ""
    return Face(first, last, email, phone, country, currency, firm.segment if firm else "")
