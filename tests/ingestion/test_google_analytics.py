"""Google Analytics against the sandbox: real HTTP, real DuckDB."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ingestion.load import LoadError, load
from ingestion.sandbox.vendors.google_analytics import ACCESS_TOKEN, SERVICE_ACCOUNT
from ingestion.sandbox.world import Account, WebDay, World

AS_OF = date(2026, 6, 30)
PROPERTY = "301234567"
PROPERTIES = [
    Account("google_analytics", PROPERTY, "example.com", "USD", "America/New_York"),
    Account("google_analytics", "302000000", "shop.example.de", "EUR", "Europe/Berlin"),
]


def day(age: int, sessions: int = 100, **changes: object) -> WebDay:
    """A day of paid search, `age` days before AS_OF."""
    row = WebDay(
        property_id=PROPERTY,
        day=AS_OF - timedelta(days=age),
        channel_group="Paid Search",
        source="google",
        medium="cpc",
        campaign="Brand, spring",
        sessions=sessions,
        engaged_sessions=60,
        new_users=40,
        key_events=3,
        revenue=Decimal("120.50"),
    )
    return replace(row, **changes)


def world(*web_days: WebDay) -> World:
    """A company with two properties."""
    return World(seed=1, scale=1, as_of=AS_OF, accounts=PROPERTIES, web_days=list(web_days))


SIXTY_DAYS = [day(age) for age in range(60)]


def test_second_load_adds_no_rows(sandbox, raw):
    with sandbox(world(*SIXTY_DAYS)):
        load("google_analytics", AS_OF)
        first = raw("google_analytics", "sessions_daily")
        load("google_analytics", AS_OF)
    assert len(first) == 60
    assert raw("google_analytics", "sessions_daily") == first


def test_backfill_in_chunks_equals_one_night(sandbox, raw, monkeypatch, tmp_path):
    with sandbox(world(*SIXTY_DAYS)):
        load("google_analytics", AS_OF)
        night = raw("google_analytics", "sessions_daily")
        monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "backfilled"))
        for since, until in ((60, 31), (30, 11), (10, 0)):
            load("google_analytics", AS_OF - timedelta(days=until), since=AS_OF - timedelta(days=since))
    assert raw("google_analytics", "sessions_daily") == night


def test_restated_days_follow_the_vendor_and_older_days_stay(sandbox, raw):
    with sandbox(world(*SIXTY_DAYS)):
        load("google_analytics", AS_OF)
    told_later = [day(age, sessions=900) for age in range(60) if age != 3]
    with sandbox(world(*told_later, day(-1))):
        load("google_analytics", AS_OF + timedelta(days=1))
    sessions = {row["date"]: row["sessions"] for row in raw("google_analytics", "sessions_daily")}
    assert AS_OF - timedelta(days=3) not in sessions
    assert sessions[AS_OF - timedelta(days=14)] == 900
    assert sessions[AS_OF - timedelta(days=15)] == 100
    assert sessions[AS_OF + timedelta(days=1)] == 100


def test_every_page_arrives_once(sandbox, raw, monkeypatch):
    monkeypatch.setattr("ingestion.sources.google_analytics.PAGE_ROWS", 7)
    with sandbox(world(*SIXTY_DAYS)):
        load("google_analytics", AS_OF)
    assert [row["date"] for row in raw("google_analytics", "sessions_daily")] == [
        AS_OF - timedelta(days=age) for age in reversed(range(60))
    ]


def test_a_property_without_sessions_gives_no_rows(sandbox, raw):
    with sandbox(world()):
        load("google_analytics", AS_OF)
    assert raw("google_analytics", "sessions_daily") == []


def test_each_property_keeps_its_currency_and_zone(sandbox, raw, monkeypatch):
    with sandbox(world(day(1), day(1, property_id="302000000"))):
        monkeypatch.setenv("SOURCES__GOOGLE_ANALYTICS__PROPERTY_IDS", "301234567, 302000000")
        load("google_analytics", AS_OF)
    rows = raw("google_analytics", "sessions_daily")
    assert [(row["property_id"], row["currency_code"], row["time_zone"]) for row in rows] == [
        ("301234567", "USD", "America/New_York"),
        ("302000000", "EUR", "Europe/Berlin"),
    ]


def test_unconfigured_source_has_empty_declared_tables(raw, monkeypatch):
    monkeypatch.delenv("SOURCES__GOOGLE_ANALYTICS__PROPERTY_IDS", raising=False)
    outcome = load("google_analytics", AS_OF)
    assert outcome.missing_settings == ("SOURCES__GOOGLE_ANALYTICS__PROPERTY_IDS",)
    assert raw("google_analytics", "sessions_daily") == []


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        ("ACCESS_TOKEN", "stolen-secret-token", "answered 401"),
        ("PROPERTY_IDS", "999", "properties/999:runReport answered 403"),
        ("ACCESS_TOKEN", "", "set SOURCES__GOOGLE_ANALYTICS__ACCESS_TOKEN"),
        ("CREDENTIALS", "{broken", "is not the JSON key of a service account"),
    ],
)
def test_wrong_settings_are_one_clear_line_without_the_secret(sandbox, monkeypatch, setting, value, complaint):
    with sandbox(world(day(1))):
        if setting == "CREDENTIALS":
            monkeypatch.delenv("SOURCES__GOOGLE_ANALYTICS__ACCESS_TOKEN")
        monkeypatch.setenv(f"SOURCES__GOOGLE_ANALYTICS__{setting}", value)
        with pytest.raises(LoadError) as error:
            load("google_analytics", AS_OF)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)
    assert "stolen-secret-token" not in str(error.value)


def service_account_key(email: str) -> str:
    """A service account's JSON key as Google's console hands it out."""
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return json.dumps({"type": "service_account", "client_email": email, "private_key": pem})


def test_a_service_account_is_let_in(sandbox, raw, monkeypatch):
    with sandbox(world(day(1))):
        monkeypatch.delenv("SOURCES__GOOGLE_ANALYTICS__ACCESS_TOKEN")
        monkeypatch.setenv("SOURCES__GOOGLE_ANALYTICS__CREDENTIALS", service_account_key(SERVICE_ACCOUNT))
        load("google_analytics", AS_OF)
    assert len(raw("google_analytics", "sessions_daily")) == 1


def test_an_unknown_service_account_is_one_clear_line_without_its_key(sandbox, monkeypatch):
    with sandbox(world(day(1))):
        monkeypatch.delenv("SOURCES__GOOGLE_ANALYTICS__ACCESS_TOKEN")
        monkeypatch.setenv("SOURCES__GOOGLE_ANALYTICS__CREDENTIALS", service_account_key("nobody@example.com"))
        with pytest.raises(
            LoadError, match=r"token answered 400 \(.*account not found\)\. Check the credentials"
        ) as error:
            load("google_analytics", AS_OF)
    assert "\n" not in str(error.value)
    assert "PRIVATE KEY" not in str(error.value)


def test_rate_limit_is_waited_out(sandbox, raw):
    with sandbox(world(day(1))) as url:
        requests.post(
            f"{url}/control/faults", json={"vendor": "google_analytics", "fault": "rate_limited", "times": 2}, timeout=5
        )
        load("google_analytics", AS_OF)
    assert len(raw("google_analytics", "sessions_daily")) == 1


@pytest.mark.parametrize(("fault", "path"), [("malformed_row", "runReport")])
def test_a_spoilt_answer_is_one_clear_line_and_older_rows_stay(sandbox, raw, fault, path):
    with sandbox(world(*SIXTY_DAYS)) as url:
        load("google_analytics", AS_OF)
        before = raw("google_analytics", "sessions_daily")
        requests.post(
            f"{url}/control/faults", json={"vendor": "google_analytics", "fault": fault, "path": path}, timeout=5
        )
        with pytest.raises(LoadError, match=r"google_analytics .*Nothing was loaded, older rows stay") as error:
            load("google_analytics", AS_OF)
    assert "MalformedValueError" in str(error.value)
    assert raw("google_analytics", "sessions_daily") == before


@pytest.mark.parametrize("fault", ["cut", "server_error", "new_field"])
def test_what_passes_or_does_no_harm_changes_no_row(sandbox, raw, fault):
    with sandbox(world(*SIXTY_DAYS)) as url:
        load("google_analytics", AS_OF)
        before = raw("google_analytics", "sessions_daily")
        requests.post(
            f"{url}/control/faults", json={"vendor": "google_analytics", "fault": fault, "times": 2}, timeout=5
        )
        load("google_analytics", AS_OF)
    assert raw("google_analytics", "sessions_daily") == before


def test_staging_tells_sessions_in_our_words(sandbox, staged):
    unknown = day(1, channel_group="Unassigned", source="(not set)", medium="(none)", campaign="(other)")
    with sandbox(world(day(2), unknown, day(0))):
        load("google_analytics", AS_OF)
    rows = staged("google_analytics", AS_OF - timedelta(days=1))("stg_google_analytics__sessions_daily")
    assert rows == [
        {
            "property_id": PROPERTY,
            "activity_date": date(2026, 6, 28),
            "channel_group": "Paid Search",
            "source": "google",
            "medium": "cpc",
            "campaign": "Brand, spring",
            "sessions": 100,
            "engaged_sessions": 60,
            "new_users": 40,
            "key_events": Decimal("3.00"),
            "revenue": Decimal("120.50"),
            "currency": "USD",
            "time_zone": "America/New_York",
        },
        rows[0]
        | {
            "activity_date": date(2026, 6, 29),
            "channel_group": "Unassigned",
            "source": "(not set)",
            "medium": "(none)",
            "campaign": "(other)",
        },
    ]


REPORT = {
    "dateRanges": [{"startDate": "2026-06-01", "endDate": "2026-06-30"}],
    "dimensions": [{"name": "date"}],
    "metrics": [{"name": "sessions"}],
}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"dimensions": [{"name": "utmTerm"}]}, "Field utmTerm is not a valid dimension"),
        ({"metrics": [{"name": "goalCompletions"}]}, "Field goalCompletions is not a valid metric"),
        ({"dimensions": [{"name": "date"}] * 10}, "limited to 9 dimensions"),
        ({"metrics": [{"name": "sessions"}] * 11}, "limited to 10 metrics"),
        ({"dateRanges": [{"startDate": "2026-06-30", "endDate": "2026-06-01"}]}, "is after endDate"),
        ({"dateRange": {}}, 'Unknown name "dateRange"'),
        ({"limit": "many"}, "Invalid value at 'limit'"),
    ],
)
def test_the_sandbox_refuses_what_google_refuses(sandbox, changes, complaint):
    with sandbox(world(day(1))) as url:
        answer = requests.post(
            f"{url}/google_analytics/v1beta/properties/{PROPERTY}:runReport",
            json=REPORT | changes,
            headers={"Authorization": f"Bearer {ACCESS_TOKEN}"},
            timeout=5,
        )
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert complaint in answer.json()["error"]["message"]
