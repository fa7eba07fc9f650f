"""Whatever is learned about a person, and however late, their stays stay a ledger: one after the other, without a gap.

The two models that decide it are compiled once and run on tables of our own, which hold the people of an example.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from publishing.build import dbt_command, dbt_environment
from tests.warehouse.stage_walk import EXITS, RANKS, Event, stays

MODELS = ("int_lead_stages__moved", "int_lead_stages__spelled")
STAGES = [*RANKS, *sorted(EXITS), "unmapped"]
BIRTH = datetime(2026, 1, 10)
REPEATABLE = {"deadline": None, "derandomize": True, "database": None}
Spells = list[dict]


@dataclass(frozen=True)
class Person:
    """What is known of one person, in the order in which it was learned."""

    events: tuple[Event, ...]
    born: datetime | None = None
    deleted: datetime | None = None


class Ledger:
    """The compiled models over two tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def spells(self, people: list[Person]) -> list[Spells]:
        """The spells of each person, in order."""
        told = pd.DataFrame(
            [
                (str(number), "hubspot", event.stage, event.kind, event.at, None)
                for number, person in enumerate(people)
                for event in person.events
            ],
            columns=["person_key", "source", "stage", "kind", "occurred_at", "reason"],
        )
        born = pd.DataFrame(
            [(str(number), person.born, person.deleted) for number, person in enumerate(people)],
            columns=["person_key", "created_at", "deleted_at"],
        )
        for table, rows in {"int_stage_events__unioned": told, "int_people__merged": born}.items():
            self.connection.execute(f"delete from intermediate.{table}")
            self.connection.execute(f"insert into intermediate.{table} select * from rows").fetchall()
            del rows
        found = self.connection.execute(f"select * from intermediate.{MODELS[-1]} order by person_key, spell_number")
        names = [column[0] for column in found.description]
        spells: list[Spells] = [[] for _ in people]
        for row in found.fetchall():
            spell = dict(zip(names, row, strict=True))
            spells[int(spell["person_key"])].append(spell)
        return spells


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    folder = tmp_path_factory.mktemp("ledger")
    profiles = yaml.safe_load(Path("dbt_project/profiles.yml").read_text())
    profiles["smarketing_warehouse"]["outputs"]["duckdb"] = {"type": "duckdb", "path": str(folder / "warehouse.duckdb")}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profiles))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WAREHOUSE_DIR", str(folder))
        environment.setenv("AS_OF", "2026-06-30")
        command = dbt_command("compile", "--select", *MODELS)
        command[command.index("--profiles-dir") + 1] = str(folder)
        subprocess.run(command, env=dbt_environment(), check=True, capture_output=True)
        manifest = json.loads(Path(dbt_environment()["DBT_TARGET_PATH"], "manifest.json").read_text())
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("use warehouse")
        connection.execute("create schema intermediate")
        connection.execute("create schema seeds")
        connection.execute("create table seeds.lead_stages as from 'dbt_project/seeds/lead_stages.csv'")
        connection.execute(
            """
            create table intermediate.int_people__merged
            (person_key varchar, created_at timestamp, deleted_at timestamp);
            create table intermediate.int_stage_events__unioned
            (person_key varchar, source varchar, stage varchar, kind varchar, occurred_at timestamp, reason varchar);
            """
        )
        for model in MODELS:
            query = manifest["nodes"][f"model.smarketing_warehouse.{model}"]["compiled_code"]
            connection.execute(f"create view intermediate.{model} as {query}")
        yield Ledger(connection)


# Few moments, so that events tie; some of them before birth.
moments = st.integers(-3, 12).map(lambda hours: BIRTH + timedelta(hours=hours))
recorded = st.builds(Event, moments, st.sampled_from(STAGES), st.just("recorded"))
anything = st.one_of(
    recorded,
    st.builds(Event, moments, st.just("warm"), st.just("engaged")),
    st.builds(Event, moments, st.sampled_from(["warm", "accepted", "proposal", "negotiation"]), st.just("deal")),
    st.builds(Event, moments, st.sampled_from(["accepted", "unmapped"]), st.just("lead")),
    st.builds(Event, moments, st.sampled_from(["customer", "repeat_customer"]), st.just("won")),
    st.builds(Event, moments, st.just("lost"), st.just("lost")),
    st.builds(Event, moments, st.just("churned"), st.just("ended")),
)
births = st.sampled_from([BIRTH, None])


def cases(events: st.SearchStrategy[Event], deleted: st.SearchStrategy[datetime | None]) -> st.SearchStrategy:
    """Twenty people, each with one event more that is learned last."""
    person = st.builds(Person, st.lists(events, max_size=8).map(tuple), births, deleted)
    return st.lists(st.tuples(person, events), min_size=20, max_size=20)


def before_and_after(ledger: Ledger, cases: list[tuple[Person, Event]]) -> Iterator[tuple[Event, Spells, Spells]]:
    before = ledger.spells([person for person, _ in cases])
    after = ledger.spells([replace(person, events=(*person.events, late)) for person, late in cases])
    yield from zip((late for _, late in cases), before, after, strict=True)


def check_invariants(spells: Spells) -> None:
    """No overlap, no gap, one stay open, durations that sum to the span, keys and numbers of their own."""
    assert [spell["spell_number"] for spell in spells] == list(range(1, len(spells) + 1))
    assert len(keys(spells)) == len(spells)
    for before, after in pairwise(spells):
        assert before["entered_at"] <= before["exited_at"] == after["entered_at"]
        assert before["stage"] == after["previous_stage"] != after["stage"]
        assert (before["is_current"], after["movement"] == "initial") == (False, False)
    if spells:
        span = (spells[-1]["exited_at"] or spells[-1]["entered_at"]) - spells[0]["entered_at"]
        assert sum(spell["duration_seconds"] or 0 for spell in spells) == span.total_seconds()
        assert spells[-1]["is_current"] == (spells[-1]["exited_at"] is None)


def keys(spells: Spells) -> set[str]:
    return {spell["lead_stage_key"] for spell in spells}


@settings(max_examples=25, **REPEATABLE)
@given(cases=cases(recorded, st.none()))
def test_a_late_change_alters_no_key_but_that_of_the_stay_it_extends(ledger: Ledger, cases: list) -> None:
    for late, before, after in before_and_after(ledger, cases):
        check_invariants(after)
        gone = [spell for spell in before if spell["lead_stage_key"] not in keys(after)]
        # Begun earlier now; and the inferred stay, which only fills the time before the first change.
        extended = [spell for spell in gone if spell["stage"] == late.stage and spell["entered_at"] > late.at]
        swallowed = [spell for spell in gone if spell["is_inferred"] and spell["entered_at"] >= late.at]
        assert len(extended) <= 1
        assert keys(gone) == keys(extended + swallowed)
        # What the late change splits goes on afterwards under a key of its own.
        assert len(keys(after) - keys(before)) <= 2


@settings(max_examples=25, **REPEATABLE)
@given(cases=cases(anything, st.one_of(st.none(), moments)))
def test_an_event_inserted_anywhere_keeps_a_ledger_and_all_that_went_before(ledger: Ledger, cases: list) -> None:
    for late, before, after in before_and_after(ledger, cases):
        check_invariants(after)
        past = [spell["lead_stage_key"] for spell in before if spell["entered_at"] < late.at]
        assert [spell["lead_stage_key"] for spell in after[: len(past)]] == past


@settings(max_examples=25, **REPEATABLE)
@given(cases=cases(anything, st.one_of(st.none(), moments)))
def test_the_models_tell_what_a_walk_through_the_events_tells(ledger: Ledger, cases: list) -> None:
    people = [replace(person, events=(*person.events, late)) for person, late in cases]
    for person, spells in zip(people, ledger.spells(people), strict=True):
        check_invariants(spells)
        told = [(spell["stage"], spell["entered_at"], spell["is_inferred"]) for spell in spells]
        walked = stays(person.born, list(person.events), person.deleted)
        assert told == [(stay.stage, stay.entered_at, stay.is_inferred) for stay in walked]


@settings(max_examples=10, **REPEATABLE)
@given(cases=cases(anything, st.none()), random=st.randoms())
def test_it_does_not_matter_in_which_order_or_how_often_events_arrive(ledger: Ledger, cases: list, random) -> None:
    people = [person for person, _ in cases]
    shuffled = [
        replace(person, events=tuple(random.sample(person.events * 2, 2 * len(person.events)))) for person in people
    ]
    assert ledger.spells(shuffled) == ledger.spells(people)
