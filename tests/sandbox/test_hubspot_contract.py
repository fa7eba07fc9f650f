"""The sandbox refuses what HubSpot refuses, and answers in its shapes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import requests

from ingestion.sandbox.server import serving
from ingestion.sandbox.vendors.hubspot import TOKEN
from ingestion.sandbox.world import Change, Contact, Owner, World

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)
LIVE = Contact(
    "101", {"email": "a@example.com"}, (Change("email", "a@example.com", AT),), None, AT, AT, None, None, None
)
WORLD = World(
    seed=1,
    scale=1.0,
    as_of=date(2026, 6, 30),
    owners=[Owner("81", "Rep", "One", "rep@ours.example", "east", None, date(2025, 1, 1), None)],
    contacts=[
        LIVE,
        replace(LIVE, contact_id="102"),
        replace(LIVE, contact_id="103", archived_at=AT),
        replace(LIVE, contact_id="104", merged_into="101", merged_at=AT),
        replace(LIVE, contact_id="105", merged_into="104", merged_at=AT),
    ],
)
Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """`ask(path, body)`: GET without a body, else POST it."""
    with serving(WORLD) as url:

        def asked(path: str, body: object = None, token: str = TOKEN) -> requests.Response:
            method = "GET" if body is None else "POST"
            headers = {"Authorization": f"Bearer {token}"}
            address = path if path.startswith("http") else f"{url}/hubspot/crm/{path}"
            return requests.request(method, address, json=body, headers=headers, timeout=9)

        yield asked


def ids(answer: requests.Response) -> list[str]:
    return [record["id"] for record in answer.json()["results"]]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("v3/objects/contacts", None, 404),
        ("objects/2025-09/contacts", None, 404),
        ("objects/2026-09/things", None, 400),
        ("objects/2026-09/contacts?limit=101", None, 400),
        ("objects/2026-09/contacts?limit=51&propertiesWithHistory=email", None, 400),
        ("objects/2026-09/contacts?after=rubbish!", None, 400),
        ("objects/2026-09/contacts/103", None, 404),
        ("objects/2026-09/contacts/search", {"limit": 201}, 400),
        ("objects/2026-09/contacts/search", {"limit": 200, "after": "10000"}, 400),
        ("objects/2026-09/contacts/search", {"propertiesWithHistory": ["email"]}, 400),
        ("objects/2026-09/contacts/search", {"sorts": [{"propertyName": "email"}, {"propertyName": "phone"}]}, 400),
        (
            "objects/2026-09/contacts/search",
            {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "LIKE", "value": "a"}]}]},
            400,
        ),
        ("objects/2026-09/contacts/batch/read", {"inputs": [{"id": "101"}] * 101}, 400),
        (
            "objects/2026-09/contacts/batch/read",
            {"inputs": [{"id": "101"}] * 51, "propertiesWithHistory": ["email"]},
            400,
        ),
        ("associations/2026-09/contacts/deals/batch/read", {"inputs": [{"id": "101"}] * 1001}, 400),
        ("owners/2026-09?limit=501", None, 400),
    ],
)
def test_request_hubspot_would_refuse_is_refused(ask: Ask, path: str, body: object, status: int) -> None:
    assert ask(path, body).status_code == status


def test_unknown_token_is_refused_in_hubspots_words(ask: Ask) -> None:
    answer = ask("objects/2026-09/contacts", token="other")
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_pages_follow_an_absolute_link(ask: Ask) -> None:
    first = ask("objects/2026-09/contacts?limit=1")
    assert ids(first) == ["101"]
    second = ask(first.json()["paging"]["next"]["link"])
    assert (ids(second), "paging" in second.json()) == (["102"], False)


def test_merged_records_are_found_by_their_old_ids_only(ask: Ask) -> None:
    assert ids(ask("objects/2026-09/contacts?limit=100")) == ["101", "102"]
    survivor = ask("objects/2026-09/contacts/105?properties=hs_merged_object_ids,hs_calculated_merged_vids").json()
    assert survivor["id"] == "101"
    assert survivor["properties"]["hs_merged_object_ids"] == "104;105"
    assert survivor["properties"]["hs_calculated_merged_vids"] == "104:1780300800000;105:1780300800000"


def test_archived_records_are_told_only_when_asked_for(ask: Ask) -> None:
    archived = ask("objects/2026-09/contacts?archived=true").json()["results"]
    assert [(record["id"], record["archivedAt"]) for record in archived] == [("103", "2026-06-01T08:00:00.000Z")]
    assert ids(ask("objects/2026-09/contacts/search", {"limit": 200})) == ["101", "102"]


def test_missing_records_of_a_batch_are_errors_beside_the_found(ask: Ask) -> None:
    answer = ask("objects/2026-09/contacts/batch/read", {"inputs": [{"id": "101"}, {"id": "103"}, {"id": "999"}]})
    assert (answer.status_code, ids(answer)) == (207, ["101"])
    assert answer.json()["errors"][0]["context"] == {"ids": ["103", "999"]}
    answer = ask("associations/2026-09/contacts/deals/batch/read", {"inputs": [{"id": "101"}]})
    assert (answer.status_code, answer.json()["errors"][0]["category"]) == (207, "OBJECT_NOT_FOUND")


def test_property_without_a_value_is_null_and_an_unknown_one_absent(ask: Ask) -> None:
    properties = ask("objects/2026-09/contacts/102?properties=hs_merged_object_ids,no_such").json()["properties"]
    assert properties["hs_merged_object_ids"] is None
    assert "no_such" not in properties
