"""Who is who: what the models make of identifiers, against a search of our own, and what is published of it."""

import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pandas
import pytest
from jinja2 import Environment

from tests.warehouse.conftest import Night


def components(links: Iterable[tuple[Hashable, Hashable]]) -> set[frozenset]:
    """The nodes that chains of shared hubs link, by union and find; `links` are pairs of node and hub."""
    leader: dict[Hashable, Hashable] = {}

    def find(node: Hashable) -> Hashable:
        while leader.setdefault(node, node) != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    nodes = set()
    for node, hub in links:
        nodes.add(node)
        leader[find(("node", node))] = find(("hub", hub))
    found = defaultdict(set)
    for node in nodes:
        found[find(("node", node))].add(node)
    return {frozenset(group) for group in found.values()}


def test_who_is_one_person_follows_from_the_published_links_alone(night: Night) -> None:
    links = night.rows(
        "select record_key, identifier_type, identifier_hash, is_bound, person_key from sales.fct_identity_links"
    )
    told = defaultdict(set)
    for record, *_, person in links:
        told[person].add(record)
    assert {frozenset(records) for records in told.values()} == components(
        (record, (kind, identifier)) for record, kind, identifier, is_bound, _ in links if is_bound
    )
    assert all(person in records for person, records in told.items()), "a person is named after one of the records"
    assert told.keys() == {key for (key,) in night.rows("select person_key from core.dim_people")}
    assert any(len(records) > 2 for records in told.values())


def test_no_identifier_can_be_read_or_guessed_from_what_is_published(night: Night) -> None:
    guesses = """
        with identifiers as (
            select identifier from intermediate.int_identities__judged
            union select identifier_type || '|' || identifier from intermediate.int_identities__judged
        ),
        guesses as (
            select identifier as guess from identifiers
            union all select md5(identifier) from identifiers
            union all select sha256(identifier) from identifiers
        )
        select count(*) from sales.fct_identity_links inner join guesses on identifier_hash = guess
    """
    assert night.rows(guesses) == [(0,)]
    raw = night.warehouse.parents[1] / "raw" / "identity.duckdb"
    with duckdb.connect(str(raw), read_only=True) as connection:
        (salt,) = connection.execute("from raw.salts").fetchone()
    assert len(salt) == 64
    assert salt.encode() not in night.warehouse.read_bytes()


SCHEMA = """
    create schema staging; create schema intermediate; create schema seeds;
    create table staging.stg_identity__salts as select 'secret' as salt;
    create table staging.stg_hubspot__contact_merges (contact_id varchar, survivor_contact_id varchar);
    create table staging.stg_hubspot__contact_history
        (contact_id varchar, property varchar, value varchar, changed_at timestamp);
    create table staging.stg_files__web_events
        (event_id varchar, visitor_id varchar, person_id varchar, email varchar, occurred_at timestamp,
         click_id varchar);
    create table intermediate.int_people__unioned
        (source varchar, source_person_id varchar, normalised_email varchar, created_at timestamp);
    create view intermediate.int_identities__normalised as
        select distinct email, email as normalised_email from staging.stg_files__web_events where email is not null;
    create table seeds.identity_rules as from read_csv('dbt_project/seeds/identity_rules.csv');
    create table seeds.role_mailboxes as from read_csv('dbt_project/seeds/role_mailboxes.csv');
"""
MODELS = (
    "int_people__numbered", "int_identities__addressed", "int_people__addressed", "int_identities__visited",
    "int_identities__chained", "int_people__grouped", "int_identities__judged",
)  # fmt: skip
FIRST = datetime(2026, 1, 1)


@pytest.fixture(scope="session")
def compiled(night: Night) -> dict[str, str]:
    """The SQL of the models that say who is who, as dbt ran it for the night."""
    (folder,) = (night.warehouse.parents[1] / "state" / "dbt" / "compiled").glob("*/models/intermediate")
    return {model: (folder / f"{model}.sql").read_text() for model in MODELS}


@dataclass(frozen=True)
class Told:
    """What the sources tell of who is who, as rows of the tables that the models read."""

    people: list[tuple]  # source, id, address, created at
    merges: list[tuple]  # loser, survivor
    history: list[tuple]  # contact, property, value, changed at
    events: list[tuple]  # event, visitor, person, address, occurred at, click


def resolved(compiled: dict[str, str], told: Told) -> duckdb.DuckDBPyConnection:
    """The models, built on what is told in a database of their own."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(SCHEMA)
    for table, rows in {
        "intermediate.int_people__unioned": told.people,
        "staging.stg_hubspot__contact_merges": told.merges,
        "staging.stg_hubspot__contact_history": told.history,
        "staging.stg_files__web_events": told.events,
    }.items():
        if rows:
            frame = pandas.DataFrame(rows)  # noqa: F841 - the query reads it
            connection.execute(f"insert into {table} select * from frame")
    for model in MODELS:
        sql = re.sub(r'"\w+"\."(\w+)"\."(\w+)"', r"\1.\2", compiled[model])
        connection.execute(f"create table intermediate.{model} as {sql}")
    return connection


def groups(connection: duckdb.DuckDBPyConnection) -> set[frozenset]:
    """The people that the models found, as sets of records; each is named after its earliest."""
    rows = connection.execute(
        "select source, source_person_id, person_key from intermediate.int_people__grouped"
    ).fetchall()
    told = defaultdict(set)
    for source, record, key in rows:
        told[key].add((source, record))
    return {frozenset(records) for records in told.values()}


def bound(people: int, with_email: int, rule: dict) -> bool:
    """The rule of an identifier that so many people share."""
    fits = rule["max_people"] is None or people <= rule["max_people"]
    fits_email = rule["max_people_with_email"] is None or with_email <= rule["max_people_with_email"]
    return people == 1 or (rule["is_binding"] and fits and fits_email)


def who_is_who(told: Told, rules: dict[str, dict], offices: set[str]) -> set[frozenset]:
    """The same rules once more, in plain Python: merges, then addresses, then visitor and click ids."""
    records = {(source, record) for source, record, *_ in told.people}
    links = [(record, ("self", record)) for record in records]
    for loser, survivor in told.merges:
        links += [(("hubspot", loser), ("merge", survivor)), (("hubspot", survivor), ("merge", survivor))]

    def leaders() -> dict[tuple, frozenset]:
        return {record: group for group in components(links) for record in group}

    def judged(shown: set[tuple], with_email: set) -> list[tuple]:
        leader = leaders()
        people, owners = defaultdict(set), defaultdict(set)
        for record, identifier in shown:
            people[identifier].add(leader[record])
            if leader[record] & with_email:
                owners[identifier].add(leader[record])
        return [
            (record, identifier)
            for record, identifier in shown
            if bound(len(people[identifier]), len(owners[identifier]), rules[identifier[0]])
        ]

    def address(email: str) -> tuple[str, str]:
        return ("role_email" if email.partition("@")[0] in offices else "email", email)

    def unchained(shown: list[tuple], with_email: set) -> list[tuple]:
        leader = leaders()
        people = defaultdict(set)
        for record, identifier in shown:
            people[identifier].add(leader[record])
        chains = components((person, identifier) for identifier in people for person in people[identifier])
        chain_of = {person: chain for chain in chains for person in chain}

        def binds(identifier: tuple) -> bool:
            chain, rule = chain_of[next(iter(people[identifier]))], rules[identifier[0]]
            owners = [person for person in chain if person & with_email]
            fits = len(chain) <= rule["max_people_chained"] and len(owners) <= rule["max_people_with_email"]
            return len(people[identifier]) == 1 or fits

        return [(record, identifier) for record, identifier in shown if binds(identifier)]

    shown = {((source, record), address(email)) for source, record, email, _ in told.people if email}
    typed = {(("files", person), address(email)) for _, _, person, email, _, _ in told.events if person and email}
    brought = Counter((record, kind) for record, (kind, _) in typed - shown)
    shown |= {
        (record, identifier)
        for record, identifier in typed - shown
        if brought[record, identifier[0]] <= rules[identifier[0]]["max_per_record"]
    }
    by_address = judged(shown, set())
    links += by_address
    owner = {identifier: record for record, identifier in by_address}

    def named(person: str | None, email: str | None) -> tuple | None:
        return ("files", person) if person else owner.get(address(email)) if email else None

    shown = {(("hubspot", contact), ("click_id", value)) for contact, _, value, _ in told.history if value}
    visits = [(visitor, click, named(person, email)) for _, visitor, person, email, _, click in told.events]
    for visitor, click, record in visits:
        if record:
            shown |= {(record, ("visitor_id", visitor))} if visitor else set()
            shown |= {(record, ("click_id", click))} if click else set()
    leader = leaders()
    clickers, visitors = defaultdict(set), defaultdict(set)
    for record, (kind, value) in shown:
        if kind == "click_id":
            clickers[value].add(leader[record])
    for visitor, click, _ in visits:
        if visitor and click:
            visitors[click].add(visitor)
    named_visitors = {value for _, (kind, value) in shown if kind == "visitor_id"}
    for visitor, click, _ in visits:
        if visitor and len(clickers[click]) == len(visitors[click]) == 1 and visitor not in named_visitors:
            (person,) = clickers[click]
            shown.add((min(person), ("visitor_id", visitor)))
    with_email = {record for record, _ in by_address}
    links += unchained(judged(shown, with_email), with_email)
    return {frozenset(group & records) for group in components(links)} - {frozenset()}


def drawn(seed: int) -> Told:
    """A small world in which everything is shared by somebody."""
    dice = random.Random(seed)
    size = dice.randint(2, 40)
    contacts = [str(number) for number in range(size)]
    persons = [f"p{number}" for number in range(size)]
    emails = [f"{name}{n}@x.example" for name in ("ana", "bo") for n in range(size)]
    emails += ["info@x.example", *[None] * dice.choice([2, 20 * size])]
    visitors = [None, *(f"v{number}" for number in range(dice.choice([1, 2]) * size))]
    clicks = [None, None, *(f"g{number}" for number in range(size))]

    def at() -> datetime:
        return FIRST + timedelta(minutes=dice.randrange(100_000))

    return Told(
        [("hubspot", record, dice.choice(emails), at()) for record in contacts]
        + [("files", record, dice.choice(emails), at()) for record in persons],
        [(dice.choice(contacts), dice.choice(contacts)) for _ in range(dice.randrange(size))],
        [(dice.choice(contacts), "hs_google_click_id", dice.choice(clicks) or "", at()) for _ in range(size)],
        [
            (
                str(n),
                dice.choice(visitors),
                dice.choice([None, *persons]),
                dice.choice(emails),
                at(),
                dice.choice(clicks),
            )
            for n in range(dice.randrange(3 * size))
        ],
    )


@pytest.fixture(scope="session")
def rules(night: Night) -> dict[str, dict]:
    """The rules of the seed, by kind of identifier."""
    columns = ("is_binding", "max_people", "max_people_with_email", "max_people_chained", "max_per_record")
    rows = night.rows(f"select identifier_type, {', '.join(columns)} from seeds.identity_rules")
    return {kind: dict(zip(columns, values, strict=True)) for kind, *values in rows}


def test_random_identifiers_make_the_people_that_an_independent_search_makes(compiled, rules, night: Night) -> None:
    offices = {name for (name,) in night.rows("select local_part from seeds.role_mailboxes")}
    refused = set()
    for seed in range(30):
        told = drawn(seed)
        with resolved(compiled, told) as connection:
            assert groups(connection) == who_is_who(told, rules, offices), f"seed {seed}"
            refused |= set(
                connection.execute(
                    "select distinct identifier_type, refusal_reason from intermediate.int_identities__judged "
                    "where not is_bound"
                ).fetchall()
            )
    assert len(refused) >= 5, "every bound was crossed somewhere"
    reasons = {reason for _, reason in refused}
    assert {"chain_of_too_many_people", "chain_of_too_many_people_with_email", "too_many_of_record"} <= reasons


def test_a_person_keeps_the_key_when_younger_records_join_and_takes_an_older_ones(compiled) -> None:
    def key(*people: tuple) -> str:
        with resolved(compiled, Told([*people], [], [], [])) as connection:
            return connection.execute(
                "select person_key from intermediate.int_people__grouped where source_person_id = 'ana'"
            ).fetchone()[0]

    ana = ("hubspot", "ana", "ana@x.example", FIRST)
    younger = ("files", "younger", "ana@x.example", FIRST + timedelta(days=1))
    unknown_age = ("files", "a", "ana@x.example", None)
    older = ("files", "older", "ana@x.example", FIRST - timedelta(days=1))
    stranger = ("files", "stranger", "else@x.example", FIRST - timedelta(days=2))
    assert key(ana) == key(younger, ana) == key(unknown_age, ana, stranger)
    assert key(ana, older) != key(ana)


def test_a_crowd_beyond_the_bound_is_nobody_and_a_chain_of_200_merges_is_one_person(compiled, rules) -> None:
    crowd = [("files", f"p{number}", "reception.desk@x.example", FIRST) for number in range(500)]
    devices = [(str(number), "kiosk", f"p{number}", None, FIRST, "g") for number in range(500)]
    chain = [("hubspot", str(number), None, FIRST) for number in range(201)]
    merges = [(str(number), str(number + 1)) for number in range(200)]
    with resolved(compiled, Told(crowd + chain, merges, [], devices)) as connection:
        found = groups(connection)
        refused = connection.execute(
            "select identifier_type, refusal_reason, count(*) from intermediate.int_identities__judged "
            "where not is_bound group by all order by all"
        ).fetchall()
    assert sorted(map(len, found)) == [1] * 500 + [201]
    assert refused == [(kind, "too_many_people", 500) for kind in ("click_id", "email", "visitor_id")]
    at_bound = crowd[: rules["email"]["max_people"]]
    with resolved(compiled, Told(at_bound, [], [], [])) as connection:
        assert len(groups(connection)) == 1


def test_neither_a_chain_of_devices_nor_a_login_glues_100_people_together(compiled) -> None:
    customers = [("hubspot", str(number), f"customer{number}@x.example", FIRST) for number in range(100)]
    login = ("files", "login", None, FIRST)
    dice = random.Random(1)

    def found(events: list[tuple]) -> set[frozenset]:
        people = [[*customers, login], [login, *reversed(customers)]]
        ways = [Told(records, [], [], dice.sample(events, len(events))) for records in people]
        one, other = (groups(connection) for told in ways for connection in [resolved(compiled, told)])
        assert one == other, "the order of rows tells nothing"
        return one

    by_device = [(f"a{n}", f"v{n}", None, f"customer{n}@x.example", FIRST, None) for n in range(100)]
    by_device += [(f"b{n}", f"v{n}", "login", None, FIRST, None) for n in range(100)]
    typed = [(f"c{n}", None, "login", f"customer{n}@x.example", FIRST, None) for n in range(100)]
    smallest = [event for event in by_device if event[1] in ("v1", "v2")]
    for events in (by_device, typed, smallest):
        assert {len(records) for records in found(events)} == {1}
    one_device = [event for event in by_device if event[1] == "v1"]
    assert frozenset({("hubspot", "1"), ("files", "login")}) in found(one_device)


def test_spark_finds_the_same_people() -> None:
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - it makes SQL
    dbt = type("dbt", (), {"type_string": staticmethod(lambda: "varchar")})
    adapter = type("adapter", (), {"dispatch": None})
    macros = environment.from_string(Path("dbt_project/macros/components.sql").read_text())
    module = macros.make_module({"dbt": dbt, "adapter": adapter})
    dice = random.Random(7)
    chain = [(number, f"c{number + step}") for number in range(300) for step in (0, 1)]
    lots = [(1000 + dice.randrange(400), f"h{dice.randrange(400)}") for _ in range(500)]
    with duckdb.connect() as connection:
        links = pandas.DataFrame(chain + lots, columns=["node", "hub"])  # noqa: F841 - the query reads it
        connection.execute("create table links as from links")
        told = {
            name: sorted(connection.execute(getattr(module, f"{name}__components")("links", "node", "hub")).fetchall())
            for name in ("duckdb", "spark")
        }
    assert told["spark"] == told["duckdb"]
    by_component = defaultdict(set)
    for node, component in told["duckdb"]:
        by_component[component].add(node)
    assert {frozenset(group) for group in by_component.values()} == {
        group for group in components(chain + lots) if len(group) > 1
    }


@pytest.mark.prove
def test_100000_people_with_a_million_identifiers_are_resolved_in_seconds(compiled, capsys) -> None:
    dice = random.Random(1)
    people, history, events = [], [], []
    for person in range(100_000):
        contact, signed_in, email = str(person), f"p{person}", f"somebody{person}@x.example"
        people += [("hubspot", contact, email, FIRST), ("files", signed_in, dice.choice([email, None]), FIRST)]
        history += [(contact, "hs_google_click_id", f"g{person}-{n}", FIRST) for n in range(3)]
        for n in range(6):
            names = [(signed_in, email), (None, email), (signed_in, None)][n % 3]
            events.append((f"{person}-{n}", f"v{person}-{n // 2}", *names, FIRST, f"f{person}-{n}"))
    told = Told(people, [(str(n), str(n + 1)) for n in range(200)], history, events)
    started, started_working = time.monotonic(), time.process_time()
    with resolved(compiled, told) as connection:
        seconds, working = time.monotonic() - started, time.process_time() - started_working
        identifiers = connection.execute(
            "select count(distinct identifier_type || identifier) from intermediate.int_identities__judged"
        ).fetchone()[0]
    with capsys.disabled():
        told_time = f"{seconds:.1f} s with two threads, {working:.1f} s of work"
        print(f"\n{identifiers:,} identifiers of {len(people):,} records: {told_time}")
    assert identifiers > 1_000_000
    assert working < 40
