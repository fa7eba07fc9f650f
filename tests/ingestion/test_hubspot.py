"""HubSpot over real HTTP into a real DuckDB file, with a company small enough to count by hand."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import requests
from requests import Response

from ingestion.http import Problem
from ingestion.load import Load, LoadError, load
from ingestion.sandbox.company import company
from ingestion.sandbox.server import environment, serving
from ingestion.sandbox.world import Activity, Change, Company, Contact, Deal, Lead, Owner, PipelineStage, World
from ingestion.settings import raw_file
from ingestion.sources._hubspot.api import hubspot_problem
from ingestion.sources._hubspot.tables import TABLES

NIGHT = date(2026, 6, 30)


def at(day: int, hour: int = 8, minute: int = 0) -> datetime:
    """A moment of June 2026 (day 31 and on: July)."""
    return datetime(2026, 6, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1)


def contact(number: int, **fields: object) -> Contact:
    known = {
        "contact_id": str(100 + number),
        "properties": {"email": f"ana{number}@example.com", "firstname": "Ana", "lifecyclestage": "lead"},
        "history": (Change("lifecyclestage", "subscriber", at(1)), Change("lifecyclestage", "lead", at(3))),
        "company_id": "501",
        "created_at": at(1),
        "updated_at": at(3),
        "archived_at": None,
        "merged_into": None,
        "merged_at": None,
    }
    return Contact(**(known | fields))


def deal(number: int = 1, **fields: object) -> Deal:
    known = {
        "deal_id": str(900 + number),
        "properties": {
            "dealname": 'Zürich - 東京 "big"\n🙂',
            "amount": "1500.00",
            "deal_currency_code": "EUR",
            "dealstage": "qualifiedtobuy",
            "pipeline": "default",
            "closedate": "2026-07-15T00:00:00.000Z",
            "hs_is_closed": "false",
        },
        "history": (Change("dealstage", "qualifiedtobuy", at(9)),),
        "contact_ids": ("101", "102"),
        "company_id": "501",
        "created_at": at(9),
        "updated_at": at(10),
        "archived_at": None,
    }
    return Deal(**(known | fields))


def activity(number: int, **fields: object) -> Activity:
    known = {
        "kind": "calls",
        "activity_id": str(7000 + number),
        "properties": {"hs_timestamp": "2026-06-11T09:00:00.000Z", "hs_call_direction": "OUTBOUND"},
        "contact_ids": ("101",),
        "deal_ids": ("901",),
        "created_at": at(11),
        "updated_at": at(11),
        "archived_at": None,
    }
    return Activity(**(known | fields))


def company_world(**changed: object) -> World:
    """Two contacts of one company with a deal, a lead and a call."""
    known = {
        "seed": 1,
        "scale": 1.0,
        "as_of": NIGHT,
        "owners": [
            Owner("81", "Rep", "One", "rep1@ours.example", "east", None, date(2025, 1, 1), None),
            Owner("82", "Rep", "Two", "rep2@ours.example", "east", None, date(2025, 1, 1), date(2026, 5, 1)),
        ],
        "companies": [Company("501", "Café Ñ", "cafe.example", "CH", "Food", "smb", at(1), at(1), None)],
        "contacts": [contact(1), contact(2)],
        "deals": [deal()],
        "leads": [
            Lead(
                "301",
                {"hs_lead_name": "Ana", "hs_pipeline_stage": "new-stage-id"},
                (Change("hs_pipeline_stage", "new-stage-id", at(5)),),
                "101",
                at(5),
                at(5),
                None,
            )
        ],
        "activities": [activity(1)],
        "pipeline_stages": [
            PipelineStage("deals", "default", "Sales", "closedwon", "Closed won", 5, "1.0", True, True),
            PipelineStage("deals", "default", "Sales", "closedlost", "Closed lost", 6, "0.0", True, False),
            PipelineStage("leads", "lead-pipeline-id", "Leads", "new-stage-id", "New", 0, None, False, False),
        ],
    }
    return World(**(known | changed))


Pull = Callable[..., Load]
Sandbox = Callable[[World], AbstractContextManager[str]]
Staged = Callable[[str, date], Callable[[str], list[dict]]]


@pytest.fixture
def pull(sandbox: Sandbox) -> Pull:
    """`pull(world, night)`: one load of HubSpot as that world is."""

    def loaded(world: World, night: date = NIGHT, since: date | None = None) -> Load:
        with sandbox(world):
            return load("hubspot", night, since)

    return loaded


@pytest.fixture(scope="module")
def first_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after the first night of `company_world()`, made once."""
    path = tmp_path_factory.mktemp("first_night")
    with serving(company_world()) as url, pytest.MonkeyPatch.context() as settings:
        for name, value in ({"WAREHOUSE_DIR": str(path)} | environment(url)).items():
            settings.setenv(name, value)
        load("hubspot", NIGHT)
    return path


@pytest.fixture
def first_night(first_warehouse: Path, warehouse: Path) -> None:
    """This test's warehouse stands after the first night of `company_world()`."""
    shutil.copytree(first_warehouse, warehouse, dirs_exist_ok=True)


def nights(count: int) -> date:
    """The business day so many nights after the first."""
    return NIGHT + timedelta(days=count)


def add_fault(url: str, fault: str, **how: object) -> None:
    requests.post(
        f"{url}/control/faults", json={"vendor": "hubspot", "fault": fault} | how, timeout=9
    ).raise_for_status()


def rows(query: str) -> list[tuple]:
    """What raw answers, in order."""
    with duckdb.connect(str(raw_file("hubspot"))) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return sorted(connection.execute(query).fetchall(), key=str)


def raw_tables() -> dict[str, list[tuple]]:
    """Every row of every table, without dlt's own columns."""
    return {name: rows(f"select {', '.join(table.fields)} from raw.{name}") for name, table in TABLES.items()}


def test_second_load_adds_no_rows(first_night: None, pull: Pull) -> None:
    first = raw_tables()
    pull(company_world(), nights(1))
    assert raw_tables() == first
    assert rows("select id, value from raw.contact_history") == [
        ("101", "lead"),
        ("101", "subscriber"),
        ("102", "lead"),
        ("102", "subscriber"),
    ]
    assert rows("select deal_id, contact_id, is_primary from raw.deal_contacts") == [
        ("901", "101", True),
        ("901", "102", False),
    ]
    assert rows("select dealname, amount from raw.deals") == [('Zürich - 東京 "big"\n🙂', "1500.00")]
    assert rows("select id, archived from raw.owners") == [("81", False), ("82", True)]


def test_loaded_people_are_kept_in_raw_alone(pull: Pull, warehouse: Path) -> None:
    pull(company_world())
    pull(company_world(), nights(1))
    kept = {path for path in warehouse.rglob("*") if path.is_file() and raw_file("hubspot") != path}
    assert kept
    assert [path for path in kept if path.suffix == ".parquet" or b"ana1@example.com" in path.read_bytes()] == []
    assert ("ana1@example.com",) in rows("select email from raw.contacts")


def test_updated_deal_counts_once(first_night: None, pull: Pull) -> None:
    won = Change("dealstage", "closedwon", at(31))
    old = deal()
    new = replace(
        old, properties=old.properties | {"dealstage": "closedwon"}, history=(*old.history, won), updated_at=at(31)
    )
    pull(company_world(deals=[new]), nights(1))
    assert rows("select id, dealstage from raw.deals") == [("901", "closedwon")]
    assert rows("select value from raw.deal_history") == [("closedwon",), ("qualifiedtobuy",)]


def test_archived_record_stays_with_history_and_associations_also_when_purged(first_night: None, pull: Pull) -> None:
    first = raw_tables()
    archived = replace(contact(1), archived_at=at(31))
    pull(company_world(contacts=[archived, contact(2)]), nights(1))
    assert rows("select id, archived, archived_at from raw.contacts") == [("101", True, at(31)), ("102", False, None)]
    pull(company_world(contacts=[contact(2)], as_of=nights(100)), nights(100))
    assert rows("select id, archived, archived_at from raw.contacts") == [("101", True, at(31)), ("102", False, None)]
    for table in ("contact_history", "contact_companies", "deal_contacts", "call_contacts", "lead_contacts"):
        assert raw_tables()[table] == first[table]


def test_record_archived_before_the_first_load_comes_with_its_associations(first_night: None, pull: Pull) -> None:
    live = raw_tables()
    raw_file("hubspot").unlink()
    pull(company_world(contacts=[replace(contact(1), archived_at=at(31)), contact(2)]), nights(1))
    for table in ("contact_history", "contact_companies", "deal_contacts", "call_contacts", "lead_contacts"):
        assert raw_tables()[table] == live[table]


def test_record_that_vanishes_without_a_trace_is_archived_by_the_weekly_list(first_night: None, pull: Pull) -> None:
    world = company_world(deals=[])
    pull(world, nights(1))
    assert rows("select id, archived from raw.deals") == [("901", False)]
    pull(world, nights(7))
    noticed_at = datetime(2026, 7, 7, tzinfo=UTC)
    assert rows("select id, archived, archived_at, amount from raw.deals") == [("901", True, noticed_at, "1500.00")]
    assert len(rows("select * from raw.deal_contacts")) == 2


def test_restored_record_is_live_again(pull: Pull) -> None:
    pull(company_world(deals=[replace(deal(), archived_at=at(20))]))
    assert rows("select archived from raw.deals") == [(True,)]
    pull(company_world(), nights(7))
    assert rows("select archived, archived_at from raw.deals") == [(False, None)]


def test_merges_of_merges_lead_to_the_survivor_and_keep_the_losers_history(pull: Pull) -> None:
    contacts = [contact(1), contact(2), contact(3, company_id=None)]
    pull(company_world(contacts=contacts))
    contacts[0] = replace(contacts[0], merged_into="102", merged_at=at(31))
    pull(company_world(contacts=contacts), nights(1))
    assert rows("select id, survivor_id from raw.contact_merges") == [("101", "102")]
    contacts[1] = replace(contacts[1], merged_into="103", merged_at=at(32))
    pull(company_world(contacts=contacts), nights(2))
    assert rows("select id, survivor_id from raw.contact_merges") == [("101", "103"), ("102", "103")]
    assert rows("select distinct id from raw.contact_history") == [("101",), ("102",), ("103",)]
    assert rows("select id, archived from raw.contacts") == [("101", False), ("102", False), ("103", False)]
    assert rows("select deal_id, contact_id from raw.deal_contacts") == [("901", "103")]


def test_changed_associations_are_seen_though_their_records_did_not_change(first_night: None, pull: Pull) -> None:
    moved = replace(deal(), contact_ids=("102",))
    pull(company_world(deals=[moved], activities=[activity(1, contact_ids=("102",), deal_ids=())]), nights(1))
    assert rows("select deal_id, contact_id, is_primary from raw.deal_contacts") == [("901", "102", True)]
    assert rows("select call_id, contact_id from raw.call_contacts") == [("7001", "102")]
    assert rows("select * from raw.call_deals") == []


def evolving_worlds() -> list[World]:
    """Four days on which contacts come, change and go, and a deal changes its people and is won."""
    worlds, contacts, deals, activities = [], [contact(1), contact(2)], [deal()], [activity(1)]
    for day in range(4):
        moment = at(31 + day)
        first, stage = contacts[0], Change("lifecyclestage", f"stage{day}", moment)
        contacts[0] = replace(first, history=(*first.history, stage), updated_at=moment)
        contacts.append(contact(10 + day, created_at=moment, updated_at=moment))
        activities.append(activity(10 + day, kind="tasks", created_at=moment, updated_at=moment))
        if day == 1:
            deals[0] = replace(deals[0], contact_ids=("102", "110"))
        if day == 2:
            contacts[2] = replace(contacts[2], archived_at=moment)
            won = Change("dealstage", "closedwon", moment)
            deals[0] = replace(deals[0], history=(*deals[0].history, won), updated_at=moment)
        worlds.append(company_world(contacts=[*contacts], deals=[*deals], activities=[*activities]))
    return worlds


def test_nights_one_by_one_missed_nights_a_backfill_and_a_first_load_end_in_the_same_rows(pull: Pull) -> None:
    worlds = evolving_worlds()
    for count, world in enumerate(worlds):
        pull(world, nights(count))
    night_by_night = raw_tables()
    assert rows("select count(*), count(*) filter (archived) from raw.contacts") == [(6, 1)]
    raw_file("hubspot").unlink()
    pull(worlds[-1], nights(3))
    assert raw_tables() == night_by_night
    raw_file("hubspot").unlink()
    pull(worlds[0], nights(0))
    pull(worlds[-1], nights(3))
    assert raw_tables() == night_by_night
    pull(worlds[-1], nights(3), since=nights(-30))
    assert raw_tables() == night_by_night


def test_only_the_purged_and_the_merged_away_are_known_better_night_by_night(pull: Pull) -> None:
    pull(company_world(contacts=[contact(1), contact(2), contact(3)]))
    merged = replace(contact(2), merged_into="103", merged_at=at(31))
    last = company_world(contacts=[merged, contact(3)], as_of=nights(7))
    pull(last, nights(7))
    night_by_night = raw_tables()
    raw_file("hubspot").unlink()
    pull(last, nights(7))
    backfilled = raw_tables()
    known_better = {
        (table, row[0]) for table, found in night_by_night.items() for row in found if row not in backfilled[table]
    }
    gone = {("contacts", "101"), ("contact_history", "101"), ("contact_companies", "101")}
    associated = {("deal_contacts", "901"), ("call_contacts", "7001"), ("lead_contacts", "301")}
    loser = {("contacts", "102"), ("contact_history", "102"), ("contact_companies", "102")}
    assert known_better == gone | associated | loser


def test_more_changes_than_a_search_shows_are_all_loaded(pull: Pull) -> None:
    """A bulk edit of 10,300 tasks at one instant, between other changes."""
    tasks = [activity(number, kind="tasks", contact_ids=(), deal_ids=()) for number in range(10_700)]
    pull(company_world(activities=tasks))
    edited = [
        replace(
            task,
            properties={"hs_task_status": "COMPLETED"},
            updated_at=at(31) + timedelta(seconds=max(0, number - 10_400)),
        )
        for number, task in enumerate(tasks)
        if number >= 100
    ]
    pull(company_world(activities=tasks[:100] + edited), nights(1))
    assert rows("select hs_task_status, count(*) from raw.tasks group by 1") == [("COMPLETED", 10_600), (None, 100)]


def test_wrong_token_is_one_clear_line_without_the_secret(first_night: None, monkeypatch: pytest.MonkeyPatch) -> None:
    first = raw_tables()
    with serving(company_world(deals=[])) as url:
        monkeypatch.setenv("SOURCES__HUBSPOT__BASE_URL", f"{url}/hubspot")
        monkeypatch.setenv("SOURCES__HUBSPOT__ACCESS_TOKEN", "pat-na1-secret")
        with pytest.raises(LoadError) as raised:
            load("hubspot", nights(1))
    assert "Authentication credentials not found" in str(raised.value)
    assert "SOURCES__HUBSPOT__" in str(raised.value)
    assert "pat-na1-secret" not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raw_tables() == first


def test_without_a_token_every_table_exists_with_its_columns_and_no_rows() -> None:
    outcome = load("hubspot", NIGHT)
    assert outcome.missing_settings == ("SOURCES__HUBSPOT__ACCESS_TOKEN",)
    assert all(found == [] for found in raw_tables().values())


def test_throttled_failing_and_cut_answers_are_asked_for_again(first_night: None, sandbox: Sandbox) -> None:
    with sandbox(company_world(deals=[deal(), deal(2, updated_at=at(31))])) as url:
        for fault in ("rate_limited", "server_error", "cut"):
            add_fault(url, fault, path="deals/search")
            add_fault(url, fault, path="deals/contacts")
        load("hubspot", nights(1))
    assert rows("select id from raw.deals") == [("901",), ("902",)]


def test_exhausted_daily_limit_is_not_asked_again(sandbox: Sandbox) -> None:
    answer = Response()
    answer.status_code = 429
    answer._content = b'{"message": "You have reached your daily limit.", "policyName": "DAILY"}'
    assert hubspot_problem(answer) == Problem("You have reached your daily limit.", code="DAILY")


@pytest.mark.parametrize(
    ("fault", "path"),
    [("malformed_row", "deals/batch/read"), ("malformed_row", "associations"), ("changed_type", "contacts/search")],
)
def test_answer_that_is_not_what_it_should_be_loads_nothing(
    first_night: None, sandbox: Sandbox, fault: str, path: str
) -> None:
    first = raw_tables()
    with sandbox(company_world(deals=[replace(deal(), updated_at=at(31))])) as url:
        add_fault(url, fault, path=path)
        with pytest.raises(LoadError, match=r"hubspot [a-z ]+: (row 1 is|the id) .+ not an? (object|number)"):
            load("hubspot", nights(1))
    assert raw_tables() == first


def test_new_field_of_an_answer_is_left_out(first_night: None, sandbox: Sandbox) -> None:
    first = raw_tables()
    with sandbox(company_world()) as url:
        add_fault(url, "new_field", times=100)
        load("hubspot", nights(1))
    assert raw_tables() == first


def test_object_type_the_account_does_not_have_can_be_left_out(pull: Pull, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__HUBSPOT__LEFT_OUT", '["leads"]')
    pull(company_world())
    tables = raw_tables()
    assert [name for name in ("contacts", "leads", "lead_history", "lead_contacts") if tables[name]] == ["contacts"]
    assert {stage[0] for stage in tables["pipeline_stages"]} == {"deals"}


def test_changes_that_a_failed_load_pulled_are_loaded_by_the_next(first_night: None, pull: Pull) -> None:
    world = company_world(deals=[deal(), deal(2, updated_at=at(31))])
    with duckdb.connect(str(raw_file("hubspot"))) as connection:
        connection.execute("alter table raw_staging.deals rename to deals_aside")
        connection.execute("create view raw_staging.deals as select 'in the way' as id")
    with pytest.raises(LoadError):
        pull(world, nights(1))
    with duckdb.connect(str(raw_file("hubspot"))) as connection:
        connection.execute("drop view raw_staging.deals")
        connection.execute("alter table raw_staging.deals_aside rename to deals")
    pull(world, nights(1))
    assert rows("select id from raw.deals") == [("901",), ("902",)]
    assert len(rows("select * from raw.deal_contacts")) == 4


def test_answer_that_lacks_most_records_is_refused(pull: Pull, monkeypatch: pytest.MonkeyPatch) -> None:
    pull(company_world(contacts=[contact(number) for number in range(30)]))
    with pytest.raises(LoadError, match="contacts: the vendor answers 0 rows where raw has 30"):
        pull(company_world(contacts=[]), nights(7))
    assert len(rows("select id from raw.contacts where not archived")) == 30
    monkeypatch.setenv("SOURCES__ACCEPT_FEWER_ROWS", "true")
    pull(company_world(contacts=[]), nights(7))
    assert len(rows("select id from raw.contacts where archived")) == 30


def test_property_nobody_declared_is_left_out(pull: Pull) -> None:
    pull(company_world(contacts=[contact(1, properties={"email": "a@example.com", "brand_new": "1"})]))
    assert rows("select email, lastname from raw.contacts") == [("a@example.com", None)]
    assert rows("select 1 from duckdb_columns() where column_name = 'brand_new'") == []


def test_load_killed_half_way_is_healed_by_the_next(pull: Pull, warehouse: Path) -> None:
    world = company_world(contacts=[contact(number) for number in range(300)])
    with serving(world) as url:
        command = [sys.executable, "-m", "ingestion.load", "hubspot", "--until", NIGHT.isoformat()]
        process = subprocess.Popen(command, env=os.environ | environment(url))
        loading = warehouse / "state" / "dlt" / "hubspot" / "load" / "normalized"
        while process.poll() is None and not any(loading.glob("*/started_jobs/contacts.*")):
            time.sleep(0.001)
        process.kill()
        assert process.wait() == -signal.SIGKILL
    pull(world)
    healed = raw_tables()
    raw_file("hubspot").unlink()
    pull(world)
    assert raw_tables() == healed
    assert len(healed["contacts"]) == 300


def test_staging_casts_what_hubspot_tells_as_text(pull: Pull, staged: Staged) -> None:
    closed = {"hs_is_closed": "true", "hs_is_closed_won": "true", "hs_deal_stage_probability": "1.0"}
    meeting = {
        "hs_timestamp": "2026-06-11T09:00:00.000Z",
        "hs_meeting_start_time": "2026-06-12T09:30:00.000Z",
        "hs_meeting_outcome": "NO_SHOW",
        "hs_object_source": "AUTOMATION_PLATFORM",
    }
    unreadable = {
        "amount": "1.500,00 €",
        "hs_deal_stage_probability": "high",
        "closedate": "soon",
        "hs_is_closed": "true",
    }
    email = {"hs_timestamp": "1781168400000", "hs_email_direction": "INCOMING_EMAIL", "hs_email_status": "SENT"}
    welcome = email | {"hs_email_direction": "EMAIL", "hs_object_source": "WORKFLOWS"}
    pull(
        company_world(
            contacts=[contact(1, properties=contact(1).properties | {"is_test": "true", "lastname": "Ñu"}), contact(2)],
            deals=[
                deal(),
                deal(2, properties=deal().properties | closed, contact_ids=("102",)),
                deal(3, properties={"dealname": "", "amount": ""}, archived_at=at(12), contact_ids=()),
                deal(4, properties=unreadable, contact_ids=()),
            ],
            activities=[
                activity(1, contact_ids=("101", "102"), deal_ids=("902", "901")),
                activity(2, kind="meetings", properties=meeting, contact_ids=()),
                activity(3, kind="emails", properties=email, deal_ids=()),
                activity(4, kind="tasks", properties={"hs_task_status": "NOT_STARTED"}, archived_at=at(12)),
                activity(5, kind="emails", properties=welcome, deal_ids=()),
            ],
        )
    )
    rows_of = staged("hubspot", NIGHT)

    def facts(model: str, *columns: str) -> list[tuple]:
        return [tuple(row[column] for column in columns) for row in rows_of(f"stg_hubspot__{model}")]

    assert facts("contacts", "contact_id", "full_name", "company_id", "is_test", "created_at") == [
        ("101", "Ana Ñu", "501", True, datetime(2026, 6, 1, 8)),
        ("102", "Ana", "501", False, datetime(2026, 6, 1, 8)),
    ]
    expected_at = datetime(2026, 7, 15)
    assert facts(
        "deals", "deal_id", "amount", "is_won", "probability", "closed_at", "close_date_expected_at", "archived_at"
    ) == [
        ("901", Decimal("1500.00"), False, None, None, expected_at, None),
        ("902", Decimal("1500.00"), True, 1.0, expected_at, expected_at, None),
        ("903", None, False, None, None, None, datetime(2026, 6, 12, 8)),
        ("904", None, False, None, None, None, None),
    ]
    assert facts(
        "activities", "activity_type", "contact_id", "deal_id", "occurred_at", "direction", "status", "source_type"
    ) == [
        ("call", "101", "901", datetime(2026, 6, 11, 9), "outbound", "completed", None),
        ("call", "102", "901", datetime(2026, 6, 11, 9), "outbound", "completed", None),
        ("meeting", None, "901", datetime(2026, 6, 12, 9, 30), "outbound", "no_show", "AUTOMATION_PLATFORM"),
        ("email", "101", None, datetime(2026, 6, 11, 9), "inbound", "completed", None),
        ("task", "101", "901", None, "outbound", "scheduled", None),
        ("email", "101", None, datetime(2026, 6, 11, 9), "outbound", "completed", "WORKFLOWS"),
    ]
    assert facts("deal_contacts", "deal_id", "contact_id", "is_primary") == [
        ("901", "101", True),
        ("901", "102", False),
        ("902", "102", True),
    ]
    assert facts("leads", "lead_id", "contact_id", "stage") == [("301", "101", "new-stage-id")]
    assert facts("lead_history", "lead_id", "property", "value", "changed_at") == [
        ("301", "hs_pipeline_stage", "new-stage-id", datetime(2026, 6, 5, 8))
    ]
    assert facts("owners", "owner_id", "full_name", "is_active") == [("81", "Rep One", True), ("82", "Rep Two", False)]
    assert facts("pipeline_stages", "stage_id", "probability", "is_closed", "is_won") == [
        ("closedlost", 0.0, True, False),
        ("closedwon", 1.0, True, True),
        ("new-stage-id", None, False, False),
    ]


def test_company_comes_whole_and_moves_on_by_a_night(pull: Pull, staged: Staged) -> None:
    pull(company(NIGHT, scale=0.05))
    world = company(nights(1), scale=0.05)
    pull(world, nights(1))
    stored = raw_tables()
    pull(world, nights(1))
    assert raw_tables() == stored
    merged = {contact.contact_id for contact in world.contacts if contact.merged_into}
    assert {row["contact_id"] for row in staged("hubspot", nights(1))("stg_hubspot__contact_merges")} == merged
    for kind in ("companies", "deals", "leads"):
        assert len(stored[kind]) == len(getattr(world, kind))
    for kind in ("calls", "meetings", "emails", "tasks"):
        assert len(stored[kind]) == sum(activity.kind == kind for activity in world.activities)
    versions = {
        (contact.contact_id, change.name, change.value, change.at)
        for contact in world.contacts
        if not contact.merged_into
        for change in contact.history
    }
    assert versions <= {(row[0], row[1], row[3], row[2]) for row in stored["contact_history"]}
