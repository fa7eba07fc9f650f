"""Mailchimp against the sandbox: real HTTP, real DuckDB."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
import requests

from ingestion.load import LoadError, load
from ingestion.sandbox.vendors.mailchimp import API_KEY, MAX_CONNECTIONS
from ingestion.sandbox.world import MailEvent, Mailing, MailingList, Member, World

AS_OF = date(2026, 6, 30)
TABLES = ("lists", "members", "campaigns", "reports", "email_activity", "unsubscribes")
LIST = MailingList("57afe96172", "Newsletter")
READERS = ("Ana.Gómez@example.com", "bo@example.com", "cy@example.com")


def moment(age: int, hour: int = 9, second: int = 0) -> datetime:
    """`age` days before AS_OF, UTC."""
    return datetime(2026, 6, 30, hour, 0, second, tzinfo=UTC) - timedelta(days=age)


def mailing(campaign_id: str, age: int) -> Mailing:
    """A campaign to all readers, sent `age` days before AS_OF."""
    return Mailing(
        campaign_id=campaign_id,
        list_id=LIST.list_id,
        title=f"Campaign {campaign_id}",
        subject='"Hello", 你好 🎉',
        utm_campaign=f"utm_{campaign_id}",
        created_at=moment(age + 1),
        sent_at=moment(age),
        sent_to=READERS,
    )


def event(
    campaign_id: str, action: str, age: int, email: str = READERS[0], second: int = 0, **more: object
) -> MailEvent:
    """Something a reader did at noon, `age` days before AS_OF."""
    what = {"ip": "17.58.1.2", "url": None, "bounce_type": None, "is_machine": False, **more}
    return MailEvent(campaign_id=campaign_id, email=email, action=action, at=moment(age, 12, second), **what)


def events(campaign_id: str, age: int) -> list[MailEvent]:
    """Opens (two in one second), a click, a bounce and an unsubscribe on the day of sending."""
    return [
        event(campaign_id, "open", age),
        event(campaign_id, "open", age),
        event(campaign_id, "click", age, second=5, url="https://example.com/?utm_source=mailchimp"),
        event(campaign_id, "bounce", age, email=READERS[1], bounce_type="hard"),
        event(campaign_id, "unsubscribe", age, email=READERS[2]),
        event(campaign_id, "complaint", age, email=READERS[2]),
    ]


AGES = {"a": 1, "b": 20, "c": 44, "d": 60, "e": 400}
MEMBERS = [
    Member(LIST.list_id, READERS[0], "Ana Gómez", "subscribed", moment(300), moment(300)),
    Member(LIST.list_id, READERS[1], "", "cleaned", moment(200), moment(20)),
    Member(LIST.list_id, READERS[2], "Cy", "unsubscribed", moment(100), moment(1)),
]
COMPANY = World(
    seed=1,
    scale=1,
    as_of=AS_OF,
    mailing_lists=[LIST],
    members=MEMBERS,
    mailings=[mailing(campaign_id, age) for campaign_id, age in AGES.items()],
    mail_events=[event for campaign_id, age in AGES.items() for event in events(campaign_id, age)],
)


def everything(raw) -> dict[str, list[dict]]:
    """All raw tables."""
    return {table: raw("mailchimp", table) for table in TABLES}


def test_second_load_adds_no_rows(sandbox, raw):
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
        first = everything(raw)
        load("mailchimp", AS_OF)
    assert {table: len(rows) for table, rows in first.items()} == {
        "lists": 1,
        "members": 3,
        "campaigns": 5,
        "reports": 5,
        "email_activity": 20,
        "unsubscribes": 5,
    }
    assert everything(raw) == first


def test_backfill_in_chunks_equals_one_night(sandbox, raw, monkeypatch, tmp_path):
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
        night = everything(raw)
        monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "backfilled"))
        for since, until in ((500, 301), (300, 21), (20, 0)):
            load("mailchimp", AS_OF - timedelta(days=until), since=AS_OF - timedelta(days=since))
    assert everything(raw) == night


def test_a_mailing_that_nobody_opened_has_no_events_and_fails_nothing(sandbox, raw):
    unopened = [event for event in COMPANY.mail_events if event.campaign_id != "a"]
    nobody = replace(mailing("f", 3), sent_to=())
    with sandbox(replace(COMPANY, mailings=[*COMPANY.mailings, nobody], mail_events=unopened)):
        load("mailchimp", AS_OF)
    told = {row["campaign_id"] for row in raw("mailchimp", "email_activity")}
    assert told == {"b", "c", "d", "e"}


def test_what_happened_twice_in_one_second_stays_two_events(sandbox, raw):
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
    opens = [row for row in raw("mailchimp", "email_activity") if (row["campaign_id"], row["action"]) == ("a", "open")]
    assert len(opens) == 2
    assert len({row["event_id"] for row in opens}) == 2


def test_a_sent_campaign_is_told_again_for_45_days_and_keeps_its_event_ids(sandbox, raw):
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
    before = {row["event_id"] for row in raw("mailchimp", "email_activity")}
    late = [event(campaign_id, "open", age=-1) for campaign_id in AGES]
    with sandbox(replace(COMPANY, mail_events=[*COMPANY.mail_events, *late])):
        load("mailchimp", AS_OF + timedelta(days=1))
    rows = raw("mailchimp", "email_activity")
    assert before < {row["event_id"] for row in rows}
    assert {row["campaign_id"] for row in rows if row["event_id"] not in before} == {"a", "b", "c"}
    assert {row["campaign_id"]: row["opens_total"] for row in raw("mailchimp", "reports")} == {
        "a": 3,
        "b": 3,
        "c": 3,
        "d": 2,
        "e": 2,
    }


def test_what_is_done_later_than_45_days_after_sending_comes_with_a_backfill_from_then(sandbox, raw):
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
    late = event("e", "click", age=0, second=9)
    with sandbox(replace(COMPANY, mail_events=[*COMPANY.mail_events, late])):
        load("mailchimp", AS_OF)
        assert len(raw("mailchimp", "email_activity")) == 20
        load("mailchimp", AS_OF, since=AS_OF - timedelta(days=AGES["e"]))
    assert len(raw("mailchimp", "email_activity")) == 21


def test_what_was_deleted_for_good_is_gone_and_what_it_did_long_ago_stays(sandbox, raw):
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
    kept = [mailing for mailing in COMPANY.mailings if mailing.campaign_id not in ("b", "e")]
    with sandbox(replace(COMPANY, members=MEMBERS[:2], mailings=kept)):
        load("mailchimp", AS_OF)
    assert {row["email_address"] for row in raw("mailchimp", "members")} == set(READERS[:2])
    assert {row["campaign_id"] for row in raw("mailchimp", "campaigns")} == {"a", "c", "d"}
    for table in ("reports", "email_activity", "unsubscribes"):
        assert {row["campaign_id"] for row in raw("mailchimp", table)} == {"a", "c", "d", "e"}


@pytest.mark.parametrize(
    ("table", "changes"),
    [("lists", {"mailing_lists": [], "members": []}), ("members", {"members": []}), ("campaigns", {"mailings": []})],
)
def test_an_empty_list_is_refused_and_older_rows_stay(sandbox, raw, monkeypatch, table, changes):
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
    before = {name: raw("mailchimp", name) for name in TABLES}
    with sandbox(replace(COMPANY, **changes)):
        with pytest.raises(LoadError, match="the vendor answers 0 rows where raw has"):
            load("mailchimp", AS_OF)
        assert {name: raw("mailchimp", name) for name in TABLES} == before
        monkeypatch.setenv("SOURCES__ACCEPT_FEWER_ROWS", "true")
        load("mailchimp", AS_OF)
    assert raw("mailchimp", table) == []


def test_empty_text_is_null(sandbox, raw):
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
    cleaned = next(row for row in raw("mailchimp", "members") if row["email_address"] == READERS[1])
    assert cleaned["full_name"] is None
    assert cleaned["timestamp_signup"] is None
    assert cleaned["timestamp_opt"] == moment(200)


def test_every_page_arrives_once(sandbox, raw, monkeypatch):
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
        whole = everything(raw)
        monkeypatch.setattr("ingestion.sources.mailchimp.PAGE_ROWS", 2)
        load("mailchimp", AS_OF, since=AS_OF - timedelta(days=730))
    assert everything(raw) == whole


def test_unconfigured_source_has_empty_declared_tables(raw, monkeypatch):
    monkeypatch.delenv("SOURCES__MAILCHIMP__API_KEY", raising=False)
    outcome = load("mailchimp", AS_OF)
    assert outcome.missing_settings == ("SOURCES__MAILCHIMP__API_KEY",)
    assert everything(raw) == {table: [] for table in TABLES}


def test_a_wrong_key_is_one_clear_line_without_the_key(sandbox, monkeypatch):
    with sandbox(COMPANY):
        monkeypatch.setenv("SOURCES__MAILCHIMP__API_KEY", "stolen-secret-us21")
        with pytest.raises(LoadError, match="Your API key may be invalid") as error:
            load("mailchimp", AS_OF)
    assert "\n" not in str(error.value)
    assert "stolen-secret" not in str(error.value)


def test_both_of_mailchimps_rate_limits_are_waited_out(sandbox, raw):
    with sandbox(COMPANY) as url:
        fault = {"vendor": "mailchimp", "fault": "rate_limited", "times": 4}
        requests.post(f"{url}/control/faults", json=fault, timeout=5)
        load("mailchimp", AS_OF)
    assert len(raw("mailchimp", "email_activity")) == 20


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ("malformed_row", "members"),
        ("malformed_row", "reports"),
        ("malformed_row", "email-activity"),
        ("changed_type", "reports"),
    ],
)
def test_a_spoilt_answer_is_one_clear_line_and_older_rows_stay(sandbox, raw, fault, path):
    with sandbox(COMPANY) as url:
        load("mailchimp", AS_OF)
        before = everything(raw)
        requests.post(f"{url}/control/faults", json={"vendor": "mailchimp", "fault": fault, "path": path}, timeout=5)
        with pytest.raises(LoadError, match=r"mailchimp .*Nothing was loaded, older rows stay") as error:
            load("mailchimp", AS_OF)
    assert "MalformedValueError" in str(error.value)
    assert everything(raw) == before


@pytest.mark.parametrize("fault", ["cut", "server_error", "new_field"])
def test_what_passes_or_does_no_harm_changes_no_row(sandbox, raw, fault):
    with sandbox(COMPANY) as url:
        load("mailchimp", AS_OF)
        before = everything(raw)
        requests.post(f"{url}/control/faults", json={"vendor": "mailchimp", "fault": fault, "times": 2}, timeout=5)
        load("mailchimp", AS_OF)
    assert everything(raw) == before


def test_staging_tells_campaigns_and_what_recipients_did(sandbox, staged):
    deleted = mailing("e", AGES["e"])
    with sandbox(COMPANY):
        load("mailchimp", AS_OF)
    with sandbox(replace(COMPANY, mailings=[sent for sent in COMPANY.mailings if sent != deleted])):
        load("mailchimp", AS_OF)
    rows = staged("mailchimp", AS_OF - timedelta(days=2))
    assert rows("stg_mailchimp__lists") == [
        {"list_id": LIST.list_id, "list_name": "Newsletter", "created_at": datetime(2025, 1, 1)}
    ]
    campaigns = {row["campaign_id"]: row for row in rows("stg_mailchimp__campaigns")}
    assert set(campaigns) == {"b", "c", "d", "e"}  # a is sent later
    assert campaigns["b"] == {
        "campaign_id": "b",
        "list_id": LIST.list_id,
        "campaign_name": "Campaign b",
        "subject": '"Hello", 你好 🎉',
        "utm_campaign": "utm_b",
        "sent_at": datetime(2026, 6, 10, 9),
        "emails_sent": 3,
        "hard_bounces": 1,
        "soft_bounces": 0,
        "unsubscribed": 1,
        "abuse_reports": 1,
    }
    assert campaigns["e"]["campaign_name"] == "Campaign e"
    events_of_b = [row for row in rows("stg_mailchimp__events") if row["campaign_id"] == "b"]
    assert {(row["action"], row["email"], row["url"], row["bounce_type"]) for row in events_of_b} == {
        ("open", READERS[0], None, None),
        ("click", READERS[0], "https://example.com/?utm_source=mailchimp", None),
        ("bounce", READERS[1], None, "hard"),
    }
    assert {row["occurred_at"] for row in events_of_b} == {datetime(2026, 6, 10, 12), datetime(2026, 6, 10, 12, 0, 5)}
    unsubscribes = rows("stg_mailchimp__unsubscribes")
    assert [row["campaign_id"] for row in unsubscribes] == ["b", "c", "d", "e"]
    assert unsubscribes[0]["occurred_at"] == datetime(2026, 6, 10, 12)
    assert {(row["email"], row["full_name"], row["joined_at"]) for row in rows("stg_mailchimp__members")} == {
        (READERS[0], "Ana Gómez", moment(300).replace(tzinfo=None)),
        (READERS[1], None, moment(200).replace(tzinfo=None)),
        (READERS[2], "Cy", moment(100).replace(tzinfo=None)),
    }


def ask(url: str, path: str, key: str = API_KEY, **params: object) -> requests.Response:
    """A request as anyone may make it."""
    return requests.get(f"{url}/mailchimp/3.0/{path}", params=params, auth=("any", key), timeout=20)


@pytest.mark.parametrize(
    ("path", "params", "status", "complaint"),
    [
        ("lists", {"count": 1001}, 400, "count must be at most 1000"),
        ("lists", {"offset": "first"}, 400, "offset must be a whole number"),
        ("lists/57afe96172/members", {"status": "alive"}, 400, "value you have entered for status is invalid"),
        ("lists/unknown/members", {}, 404, "could not be found"),
        ("reports/unknown/email-activity", {}, 404, "could not be found"),
        ("reports", {"since_send_time": "yesterday"}, 400, "must be an ISO 8601 date-time"),
    ],
)
def test_the_sandbox_refuses_what_mailchimp_refuses(sandbox, path, params, status, complaint):
    with sandbox(COMPANY) as url:
        answer = ask(url, path, **params)
    assert answer.status_code == status
    assert complaint in answer.json()["detail"]


class HeldList(list):
    """A list whose readers meet at a barrier before any of them sees it."""

    def __init__(self, items: list, readers: Barrier) -> None:
        super().__init__(items)
        self.readers = readers

    def __iter__(self):
        self.readers.wait(timeout=20)
        self.readers.wait(timeout=20)
        return super().__iter__()


def test_the_sandbox_refuses_an_eleventh_connection(sandbox):
    readers = Barrier(MAX_CONNECTIONS + 1)
    held = replace(COMPANY, members=[], mailing_lists=HeldList([LIST], readers))
    with sandbox(held) as url, ThreadPoolExecutor(MAX_CONNECTIONS) as pool:
        answers = [pool.submit(ask, url, "lists") for _ in range(MAX_CONNECTIONS)]
        readers.wait(timeout=20)  # ten are inside
        assert ask(url, "lists").status_code == 429
        readers.wait(timeout=20)
        assert {answer.result().status_code for answer in answers} == {200}
