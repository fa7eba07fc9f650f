"""The agreement's clock: thousands of random handoffs through the real models, and again in plain Python.

Python's time zones and the `holidays` library are the other opinion: daylight saving on both hemispheres, holidays of
five countries, weekends, nights, pauses, terms that begin within a month.
"""

import os
import random
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas
import pytest

from tests.warehouse.agreement import Terms, valid_terms

AS_OF = date(2026, 6, 30)
AS_OF_END = datetime(2026, 7, 1)
PAUSES = [
    (date(2025, 12, 22), date(2026, 1, 2)),
    (date(2026, 1, 2), date(2026, 1, 4)),
    (date(2026, 3, 9), date(2026, 3, 9)),
    (date(2026, 5, 20), date(2026, 5, 22)),
]
COLUMNS = (
    "sla_version", "segment", "valid_from", "response_hours", "day_starts_at", "day_ends_at", "working_days",
    "time_zone", "country", "committed_leads",
)  # fmt: skip
TERMS = [
    dict(zip(COLUMNS, row, strict=True))
    for row in [
        ("first", "", "2025-01-01", "16", "09:00", "17:00", "12345", "America/New_York", "US", "9"),
        ("within a month", "", "2026-03-18", "1.5", "09:00", "17:00", "12345", "America/New_York", "US", "9"),
        ("saturdays", "enterprise", "2025-03-15", "4", "08:30", "18:00", "123456", "Europe/Berlin", "DE", "9"),
        ("other hemisphere", "smb", "2025-01-01", "0.25", "09:00", "17:30", "12345", "Australia/Sydney", "AU", "9"),
        ("the hour that is lost", "night", "2025-01-01", "30", "00:30", "08:30", "1234567", "Europe/London", "GB", "9"),
        ("half an hour off", "india", "2025-01-01", "100", "10:00", "19:00", "12345", "Asia/Kolkata", "IN", "9"),
    ]
]  # fmt: skip
# Around these moments more handoffs than elsewhere: the clocks change, a pause or terms begin, a day opens or closes.
MOMENTS = [
    datetime(2025, 3, 9, 7),
    datetime(2025, 3, 30, 1),
    datetime(2025, 4, 5, 16),
    datetime(2025, 10, 4, 16),
    datetime(2025, 10, 26, 1),
    datetime(2025, 11, 2, 6),
    datetime(2025, 12, 21, 22),
    datetime(2026, 3, 8, 7),
    datetime(2026, 3, 18),
    datetime(2026, 3, 29, 1),
    datetime(2026, 5, 26, 17),
    datetime(2026, 6, 29, 12),
]


def random_handoffs(count: int) -> list[tuple[str, str, datetime, datetime | None]]:
    """Person, segment, moment of the handoff, and when sales got in touch (None: never)."""
    chance = random.Random(4)
    segments = ["unknown", "enterprise", "smb", "night", "india"]
    handoffs = []
    for number in range(count):
        if chance.random() < 0.5:
            qualified_at = chance.choice(MOMENTS) + timedelta(seconds=chance.randint(-172_800, 172_800))
        else:
            qualified_at = datetime(2024, 11, 1) + timedelta(seconds=chance.randint(0, 600 * 86_400))
        qualified_at = qualified_at.replace(second=0) if chance.random() < 0.2 else qualified_at
        qualified_at += timedelta(microseconds=chance.choice([0, 0, chance.randint(0, 999_999)]))
        contacted_at = qualified_at + timedelta(seconds=chance.choice([0, 1, 3_600, 86_400, 864_000]) * chance.random())
        if chance.random() < 0.1:
            contacted_at = qualified_at - timedelta(seconds=chance.randint(1, 86_400))
        handoffs.append(
            (f"p{number}", chance.choice(segments), qualified_at, contacted_at if chance.random() < 0.8 else None)
        )
    return [handoff for handoff in handoffs if handoff[2] < AS_OF_END]


@pytest.fixture(scope="module")
def handoffs() -> list[tuple[str, str, datetime, datetime | None]]:
    return random_handoffs(3_000)


@pytest.fixture(scope="module")
def judged(handoffs: list[tuple], tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple]:
    """What the real models make of the handoffs: version, due_at, response and verdict by person."""
    folder = tmp_path_factory.mktemp("business_hours")
    path = folder / "warehouse.duckdb"
    (folder / "profiles.yml").write_text(
        "smarketing_warehouse: {target: duckdb, outputs: {duckdb: "
        f"{{type: duckdb, path: '{path}', threads: 2, settings: {{TimeZone: UTC}}}}}}}}"
    )
    with duckdb.connect(str(path)) as connection:
        _write(connection, handoffs)
    models = [
        "dim_dates",
        "int_business_hours__counted",
        "int_handoffs__termed",
        "int_handoffs__decided",
        "fct_handoffs",
    ]
    seeds = ["holidays", "lead_stages", "crm_stage_map", "reason_map"]
    command = [
        Path(sys.executable).with_name("dbt"), "--quiet", "build", "--select", *seeds, *models,
        "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
        "--project-dir", "dbt_project", "--profiles-dir", folder, "--target-path", folder / "target",
    ]  # fmt: skip
    subprocess.run([str(word) for word in command], env={**os.environ, "AS_OF": AS_OF.isoformat()}, check=True)
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            "select person_key, sla_version, due_at, first_response_at, response_business_seconds, verdict"
            " from alignment.fct_handoffs"
        ).fetchall()
    return {person: tuple(facts) for person, *facts in rows}


def _write(connection: duckdb.DuckDBPyConnection, handoffs: list[tuple]) -> None:
    """The tables that the models of the agreement read."""
    connection.execute("""
        create schema core; create schema intermediate; create schema staging; create schema seeds;
        create table seeds.sla_pauses (start_date date, end_date date, reason varchar);
        create table seeds.sla_terms (
            sla_version varchar, segment varchar, valid_from date, response_hours decimal(9, 2), day_starts_at varchar,
            day_ends_at varchar, working_days varchar, time_zone varchar, country varchar, committed_leads integer
        );
        create table staging.stg_hubspot__leads (
            lead_id varchar, contact_id varchar, disqualification_reason varchar, is_archived boolean
        );
        create table staging.stg_hubspot__lead_history (
            lead_id varchar, property varchar, value varchar, changed_at timestamp
        );
        create table intermediate.int_stage_events__automated (person_key varchar, moved_at timestamp);
        create table intermediate.int_stage_events__unioned (person_key varchar, stage varchar, occurred_at timestamp);
    """)
    told = pandas.DataFrame(handoffs, columns=["person_key", "segment", "qualified_at", "contacted_at"])
    connection.register("handoffs", told)
    connection.executemany("insert into seeds.sla_pauses values (?, ?, 'closed')", PAUSES)
    connection.executemany(
        f"insert into seeds.sla_terms values ({', '.join('?' * len(COLUMNS))})",
        [[value or None for value in row.values()] for row in TERMS],
    )
    connection.execute("""
        create table core.fct_lead_stages as
        select
            person_key as lead_stage_key, person_key, 'qualified' as stage, 3 as stage_rank, qualified_at as entered_at,
            1 as entry_number, cast(null as varchar) as reason
        from handoffs;
        create table core.dim_people as
        select
            person_key, segment, 'email' as original_channel, cast(null as varchar) as original_campaign_key
        from handoffs;
        create table intermediate.int_people__resolved as
        select 's' as source, person_key as source_person_id, person_key from handoffs;
        create table intermediate.int_activities__unioned as
        select
            's' as source, person_key as source_person_id, 'call' as activity_type, contacted_at as occurred_at,
            'outbound' as direction, 'completed' as status, false as is_automated, cast(null as timestamp) as deleted_at
        from handoffs
        where contacted_at is not null;
    """)


def test_random_handoffs_are_judged_as_plain_python_judges_them(handoffs: list[tuple], judged: dict[str, tuple]):
    terms = [Terms.read(row, PAUSES) for row in TERMS]
    wrong = {
        person: (told, really)
        for person, *handoff in handoffs
        if (told := judged[person]) != (really := _judge(terms, *handoff))
    }
    assert not wrong
    assert len(judged) == len(handoffs) > 2_500
    versions = {row["sla_version"] for row in TERMS} | {None}
    assert {version for version, *_ in judged.values()} == versions
    assert {verdict for *_, verdict in judged.values()} == {"met", "breached", "pending"}


def _judge(terms: list[Terms], segment: str, qualified_at: datetime, contacted_at: datetime | None) -> tuple:
    responded_at = contacted_at if contacted_at and qualified_at <= contacted_at < AS_OF_END else None
    valid = valid_terms(terms, qualified_at.date(), segment)
    if valid is None:
        return None, None, responded_at, None, "met" if responded_at else "pending"
    due_at = valid.due(qualified_at)
    if responded_at:
        seconds = valid.seconds_between(qualified_at, responded_at)
        return valid.version, due_at, responded_at, seconds, "met" if responded_at <= due_at else "breached"
    return valid.version, due_at, None, None, "breached" if due_at < AS_OF_END else "pending"
