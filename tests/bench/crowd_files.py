"""A crowd, written as Parquet files of the `files` source: 100,000 people, 1,000,000 touches, 20,000 won deals.

One seed, the same bytes. Interest is spread as in life: most people have a handful of touches, some hundreds, and
twenty of them thousands in the weeks before they buy. Some people share an address; visitors without a name sign in
later.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SEED = 20260630
PEOPLE = 100_000
FIRST_DAY, LAST_DAY = date(2025, 1, 1), date(2026, 6, 30)
SECONDS = (LAST_DAY - FIRST_DAY).days * 86_400
ENTHUSIASTS = 20
ENTHUSIASTIC_SECONDS = 60 * 86_400
# The share of people who ever stand at a stage, in the order of the stages.
REACHED = {"warm": 0.6, "qualified": 0.4, "accepted": 0.3, "proposal": 0.25, "negotiation": 0.2, "customer": 0.16}
# Won deals a person; those beyond one for each customer are bought again by some of them.
WON_DEALS = 0.2
# How often, touch_type, source, medium, department.
TOUCHES = [
    (0.22, "ad_click", "google", "cpc", "marketing"),
    (0.12, "ad_click", "facebook", "paid_social", "marketing"),
    (0.06, "ad_click", "youtube", "cpm", "marketing"),
    (0.14, "session", "google", "organic", "marketing"),
    (0.12, "session", "(direct)", "(none)", "marketing"),
    (0.08, "session", "linkedin", "social", "marketing"),
    (0.05, "session", "partner.example", "referral", "marketing"),
    (0.12, "email_click", "newsletter", "email", "marketing"),
    (0.03, "form", "bing", "cpc", "marketing"),
    (0.02, "event", "fair", "event", "marketing"),
    (0.04, "call", "cold_call", None, "sales"),
]
CAMPAIGNS, OWNERS = 60, 50
RATES = {"EUR": 1.08, "GBP": 1.27}


def write_crowd(folder: Path, people: int = PEOPLE) -> None:
    """Write the files of a crowd of so many people into the folder (made if missing)."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(SEED)
    born = np.sort(random.integers(0, SECONDS - 30 * 86_400, people))
    reached = random.random(people)
    # When, between birth and now, a person comes to each stage.
    stage_at = born[:, None] + (SECONDS - born)[:, None] * np.sort(random.random((people, len(REACHED))), axis=1)
    tables = {
        "people": _people(random, born),
        "stage_changes": _stage_changes(reached, stage_at),
        "touches": _touches(random, born, reached, stage_at),
        **_deals(random, reached, stage_at),
        "web_events": _web_events(random, born),
        "owners": pa.table({"owner_id": _ids("o", np.arange(OWNERS)), "team": _ids("team ", np.arange(OWNERS) % 5)}),
        "spend": _spend(random),
        "fx_rates": _fx_rates(),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")


def _people(random: np.random.Generator, born: np.ndarray) -> pa.Table:
    """One record a person; three in a hundred have no address, and two in a hundred another's."""
    numbers = np.arange(len(born))
    mailbox = np.where(random.random(len(born)) < 0.02, numbers // 2, numbers)
    domain = _ids("company", mailbox % (len(born) // 4))
    emails = _joined(_ids("person", mailbox), "@", domain, ".example.com")
    return pa.table(
        {
            "person_id": _ids("p", numbers),
            "email": pc.if_else(pa.array(random.random(len(born)) < 0.03), None, emails),
            "full_name": _ids("Person ", numbers),
            "company": _ids("Company ", numbers % (len(born) // 4)),
            "country": _chosen(random, ["US", "DE", "FR", "JP", None], len(born)),
            "segment": _chosen(random, ["small", "medium", "large", None], len(born)),
            "created_at": _moments(born),
            "owner_id": _ids("o", numbers % OWNERS),
        }
    )


def _stage_changes(reached: np.ndarray, stage_at: np.ndarray) -> pa.Table:
    """Every stage a person comes to, but for those that their deals tell."""
    told = ["warm", "qualified", "accepted"]
    parts = []
    for place, stage in enumerate(told):
        there = np.flatnonzero(reached < REACHED[stage])
        parts.append(
            pa.table(
                {
                    "person_id": _ids("p", there),
                    "stage": pa.repeat(stage, len(there)),
                    "changed_at": _moments(stage_at[there, place]),
                }
            )
        )
    return pa.concat_tables(parts)


def _touches(random: np.random.Generator, born: np.ndarray, reached: np.ndarray, stage_at: np.ndarray) -> pa.Table:
    """Ten touches a person, of which the enthusiasts have a tenth, all of them shortly before they buy."""
    people, touches = len(born), 10 * len(born)
    enthusiasts = np.flatnonzero(reached < REACHED["customer"])[-ENTHUSIASTS:]
    interest = random.lognormal(sigma=1.3, size=people)
    person = random.choice(people, touches, p=interest / interest.sum())
    person[: people // ENTHUSIASTS * ENTHUSIASTS] = np.repeat(enthusiasts, people // ENTHUSIASTS)
    at = born[person] + (SECONDS - born[person]) * random.random(touches)
    bought_at = stage_at[person, -1]
    is_enthusiast = np.isin(person, enthusiasts)
    at = np.where(is_enthusiast, bought_at - ENTHUSIASTIC_SECONDS * random.random(touches), at)
    kinds = random.choice(len(TOUCHES), touches, p=[often for often, *_ in TOUCHES])
    campaigns = _ids("Campaign ", random.integers(0, CAMPAIGNS, touches))
    has_campaign = pa.array(np.isin(kinds, [n for n, kind in enumerate(TOUCHES) if kind[3] in ("cpc", "cpm", "email")]))
    told = {
        name: pa.array([kind[place] for kind in TOUCHES]).take(pa.array(kinds))
        for place, name in enumerate(("touch_type", "source", "medium", "department"), start=1)
    }
    return pa.table(
        {
            "touch_id": _ids("t", np.arange(touches)),
            "person_id": _ids("p", person),
            "touched_at": _moments(at),
            "campaign": pc.if_else(has_campaign, campaigns, None),
            **told,
        }
    )


def _deals(random: np.random.Generator, reached: np.ndarray, stage_at: np.ndarray) -> dict[str, pa.Table]:
    """A deal for everybody who was accepted, won by the customers, open or lost else; some customers buy again."""
    first = np.flatnonzero(reached < REACHED["accepted"])
    is_customer = reached[first] < REACHED["customer"]
    again = random.choice(first[is_customer], max(round(WON_DEALS * len(reached)) - is_customer.sum(), 0))
    person = np.concatenate([first, again])
    is_won = np.concatenate([is_customer, np.ones(len(again), bool)])
    is_closed = is_won | (random.random(len(person)) < 0.7)
    created = stage_at[person, 2]
    closed = stage_at[person, -1]
    created[len(first) :] = closed[len(first) :]
    closed[len(first) :] += (SECONDS - closed[len(first) :]) * random.random(len(again))
    ids = _ids("d", np.arange(len(person)))
    deals = pa.table(
        {
            "deal_id": ids,
            "person_id": _ids("p", person),
            "company": _ids("Company ", person % (len(reached) // 4)),
            "owner_id": _ids("o", person % OWNERS),
            "amount": _amounts(random.lognormal(8, 1, len(person))),
            "currency": _chosen(random, ["USD", *RATES], len(person)),
            "stage": pa.array(np.where(is_won, "won", np.where(is_closed, "lost", "proposal"))),
            "probability": pa.array(np.where(is_closed, is_won.astype(float), 0.5)),
            "created_at": _moments(created),
            "closed_at": pc.if_else(pa.array(is_closed), _moments(closed), None),
            "is_won": pc.if_else(pa.array(is_closed), pa.array(is_won), None),
        }
    )
    steps = [
        pa.table(
            {
                "deal_id": ids.filter(pa.array(there)),
                "stage": pa.repeat(stage, int(there.sum())),
                "changed_at": _moments((created + (closed - created) * share)[there]),
            }
        )
        for stage, share, there in (
            ("accepted", 0.0, np.ones(len(person), bool)),
            ("proposal", 0.4, is_won | (reached[person] < REACHED["proposal"])),
            ("negotiation", 0.8, is_won),
        )
    ]
    return {"deals": deals, "deal_stage_changes": pa.concat_tables(steps)}


def _web_events(random: np.random.Generator, born: np.ndarray) -> pa.Table:
    """Two events a visit and two visits a visitor; every other visitor is a person who signs in on the last."""
    people = len(born)
    person, visitor = np.divmod(np.arange(4 * people), 4)
    at = np.repeat(born[person[::2]] + (SECONDS - born[person[::2]]) * random.random(2 * people), 2)
    at[1::2] += 60
    source = random.choice(3, 2 * people).repeat(2)
    signs_in = pa.array((person % 2 == 0) & (visitor == 3))
    return pa.table(
        {
            "event_id": _ids("e", np.arange(4 * people)),
            "visitor_id": _ids("v", person),
            "person_id": pc.if_else(signs_in, _ids("p", person), None),
            "occurred_at": _moments(at),
            "event_name": pa.array(["page_view", "form_submit"]).take(pa.array(np.arange(4 * people) % 2)),
            "url": pa.repeat("https://www.example.com/prices", 4 * people),
            "source": pa.array(["google", "linkedin", None]).take(pa.array(source)),
            "medium": pa.array(["cpc", "social", None]).take(pa.array(source)),
        }
    )


def _spend(random: np.random.Generator) -> pa.Table:
    """A flight a week of every campaign."""
    weeks = [FIRST_DAY + timedelta(7 * week) for week in range(SECONDS // (7 * 86_400))]
    flights = [(f"Campaign {campaign}", start) for campaign in range(CAMPAIGNS) for start in weeks]
    return pa.table(
        {
            "spend_id": _ids("s", np.arange(len(flights))),
            "channel": pa.repeat("paid_search", len(flights)),
            "platform": pa.repeat("google_ads", len(flights)),
            "campaign": pa.array([campaign for campaign, _ in flights]),
            "start_date": pa.array([start for _, start in flights]),
            "end_date": pa.array([start + timedelta(6) for _, start in flights]),
            "amount": pa.array(np.round(random.lognormal(6, 0.5, len(flights)), 2)).cast(
                pa.decimal128(18, 2), safe=False
            ),
            "currency": _chosen(random, ["USD", *RATES], len(flights)),
            "impressions": pa.array(random.integers(1_000, 100_000, len(flights))),
            "clicks": pa.array(random.integers(10, 1_000, len(flights))),
        }
    )


def _fx_rates() -> pa.Table:
    days = [FIRST_DAY + timedelta(day) for day in range(SECONDS // 86_400 + 1)]
    rows = [(day, currency, "USD", rate) for day in days for currency, rate in RATES.items()]
    names = ("rate_date", "from_currency", "to_currency", "rate")
    return pa.table(dict(zip(names, map(pa.array, zip(*rows, strict=True)), strict=True)))


def _ids(prefix: str, numbers: np.ndarray) -> pa.Array:
    return _joined(prefix, pa.array(numbers).cast(pa.string()))


def _joined(*parts: str | pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _chosen(random: np.random.Generator, values: list[str | None], count: int) -> pa.Array:
    return pa.array(values).take(pa.array(random.integers(0, len(values), count)))


def _amounts(amounts: np.ndarray) -> pa.Array:
    return pa.array(np.round(amounts, 2)).cast(pa.decimal128(18, 2), safe=False)


def _moments(seconds: np.ndarray) -> pa.Array:
    """Moments (UTC, whole seconds) that lie so many seconds after the first day began."""
    start = int((datetime.combine(FIRST_DAY, datetime.min.time()) - datetime(1970, 1, 1)).total_seconds())
    return pa.array(seconds.astype(np.int64) + start).cast(pa.timestamp("s"))
