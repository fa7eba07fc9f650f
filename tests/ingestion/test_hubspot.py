"""HubSpot over real HTTP into a real DuckDB file, with a company small enough to count by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from ingestion.load import Load, load
from ingestion.sandbox.server import environment, serving
from ingestion.sandbox.world import (
    Activity,
    Change,
    Company,
    Contact,
    Deal,
    Lead,
    Owner,
    PipelineStage,
    World,
)
from ingestion.settings import raw_file
from ingestion.sources.hubspot import TABLES

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


@contextmanager
def hubspot(world: World) -> Iterator[str]:
    """Serve the world and point the source at it."""
    with serving(world) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in environment(url).items():
            patch.setenv(name, value)
        yield url


def loaded(world: World, night: date = NIGHT, since: date | None = None) -> Load:
    """One load of that world."""
    with hubspot(world):
        return load("hubspot", night, since)


def rows(query: str) -> list[tuple]:
    """What raw answers, in order."""
    with duckdb.connect(str(raw_file("hubspot"))) as connection:
        return sorted(connection.execute(query).fetchall(), key=str)


def raw_tables() -> dict[str, list[tuple]]:
    """Every row of every table that the source fills, without the load's own marks."""
    return {name: rows(f"select {', '.join(table.columns)} from raw.{name}") for name, table in TABLES.items()}


def test_second_load_adds_no_rows():
    loaded(company_world())
    first = raw_tables()
    loaded(company_world(), NIGHT + timedelta(days=1))
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
