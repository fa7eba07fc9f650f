"""Mailchimp: lists, their members, campaigns, reports of sent campaigns, and what each recipient did.

    SOURCES__MAILCHIMP__API_KEY=...-us21 python -m ingestion.load mailchimp

A sent campaign's counters and activity move for weeks: campaigns sent within 45 days are pulled again and replaced.
What a recipient does later no night sees, only a backfill from the day of sending: `make load SOURCES=mailchimp
SINCE=2026-01-01`.
Lists, members and campaigns are pulled whole: what was deleted for good just stops being told.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import dlt
import pyarrow as pa
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
from dlt.sources.helpers.rest_client.paginators import OffsetPaginator

from ingestion.columns import Field, arrow_table, hints, objects
from ingestion.http import VendorClient, mailchimp_problem
from ingestion.windows import initial_day, pulled_window, replaced_window, whole_list, window_pulled

MAX_CONNECTIONS = 10
PAGE_ROWS = 1000
# Campaigns whose recipients are asked for at a time: other programs of the account need connections too.
CAMPAIGNS_AT_ONCE = 5

LISTS = {
    "list_id": Field("id", "text"),
    "name": Field("name", "text"),
    "date_created": Field("date_created", "timestamp"),
}
MEMBERS = {
    "list_id": Field("list_id", "text"),
    "email_id": Field("id", "text"),
    "email_address": Field("email_address", "text"),
    "full_name": Field("full_name", "text"),
    "status": Field("status", "text"),
    "timestamp_signup": Field("timestamp_signup", "timestamp"),
    "timestamp_opt": Field("timestamp_opt", "timestamp"),
    "last_changed": Field("last_changed", "timestamp"),
}
CAMPAIGNS = {
    "campaign_id": Field("id", "text"),
    "type": Field("type", "text"),
    "status": Field("status", "text"),
    "list_id": Field("recipients.list_id", "text"),
    "title": Field("settings.title", "text"),
    "subject_line": Field("settings.subject_line", "text"),
    "google_analytics": Field("tracking.google_analytics", "text"),
    "create_time": Field("create_time", "timestamp"),
    "send_time": Field("send_time", "timestamp"),
}
REPORTS = {
    "account_id": Field("account_id", "text"),
    "campaign_id": Field("id", "text"),
    "list_id": Field("list_id", "text"),
    "campaign_title": Field("campaign_title", "text"),
    "subject_line": Field("subject_line", "text"),
    "send_time": Field("send_time", "timestamp"),
    "emails_sent": Field("emails_sent", "bigint"),
    "hard_bounces": Field("bounces.hard_bounces", "bigint"),
    "soft_bounces": Field("bounces.soft_bounces", "bigint"),
    "syntax_errors": Field("bounces.syntax_errors", "bigint"),
    "unsubscribed": Field("unsubscribed", "bigint"),
    "abuse_reports": Field("abuse_reports", "bigint"),
    "opens_total": Field("opens.opens_total", "bigint"),
    "unique_opens": Field("opens.unique_opens", "bigint"),
    "clicks_total": Field("clicks.clicks_total", "bigint"),
    "unique_subscriber_clicks": Field("clicks.unique_subscriber_clicks", "bigint"),
}
EMAILS = {
    "campaign_id": Field("campaign_id", "text"),
    "list_id": Field("list_id", "text"),
    "email_id": Field("email_id", "text"),
    "email_address": Field("email_address", "text"),
}
ACTIONS = {
    "action": Field("action", "text"),
    "timestamp": Field("timestamp", "timestamp"),
    "url": Field("url", "text"),
    "ip": Field("ip", "text"),
    "bounce_type": Field("type", "text"),
}
OF_REPORT = {"account_id": Field("account_id", "text"), "send_time": Field("send_time", "timestamp")}
EMAIL_ACTIVITY = {"event_id": Field("event_id", "text"), **OF_REPORT, **EMAILS, **ACTIONS}
UNSUBSCRIBES = {
    "account_id": Field("account_id", "text"),
    "campaign_id": Field("campaign_id", "text"),
    "send_time": Field("send_time", "timestamp"),
    "list_id": Field("list_id", "text"),
    "email_id": Field("email_id", "text"),
    "email_address": Field("email_address", "text"),
    "timestamp": Field("timestamp", "timestamp"),
    "reason": Field("reason", "text"),
}


@dlt.source(name="mailchimp", max_table_nesting=0)
def mailchimp(
    until: date,
    since: date | None = None,
    base_url: str = "https://{data_center}.api.mailchimp.com",
    api_key: str = dlt.secrets.value,
    initial_date: str = "",
    restated_days: int = 45,
) -> Iterable[DltResource]:
    """Who is on which list, what was sent, and every open, click, bounce and unsubscribe.

    The data center of the host name is the end of the key. Times are UTC; what Mailchimp tells as "" is null.
    """
    client = VendorClient(
        "mailchimp",
        base_url.replace("{data_center}", api_key.rpartition("-")[2] or "us1"),
        auth=HttpBasicAuth("any", api_key),
        secrets=[api_key],
        problem=mailchimp_problem,
        max_connections=MAX_CONNECTIONS,
    )

    @dlt.resource(columns=hints(LISTS), primary_key="list_id", write_disposition="replace")
    def lists() -> Iterator[pa.Table]:
        told = _pages(client, "lists", "lists")
        yield from whole_list(arrow_table(page, LISTS, "mailchimp lists") for page in told)

    @dlt.resource(columns=hints(MEMBERS), primary_key=("list_id", "email_id"), write_disposition="replace")
    def members() -> Iterator[pa.Table]:
        told = (
            of_list
            for page in _pages(client, "lists", "lists")
            for mailing_list in page
            for of_list in _pages(client, f"lists/{mailing_list['id']}/members", "members")
        )
        yield from whole_list(arrow_table(page, MEMBERS, "mailchimp members") for page in told)

    @dlt.resource(columns=hints(CAMPAIGNS), primary_key="campaign_id", write_disposition="replace")
    def campaigns() -> Iterator[pa.Table]:
        told = _pages(client, "campaigns", "campaigns")
        yield from whole_list(arrow_table(page, CAMPAIGNS, "mailchimp campaigns") for page in told)

    def sent_in_window(pull: Callable[[list[dict]], Iterable[pa.Table]]) -> Iterator[object]:
        """What `pull` makes of the reports on campaigns sent in the window; replaces what raw has on those."""
        first, last = pulled_window(since, until, restated_days, initial_day(initial_date, until))
        sent = {"since_send_time": f"{first}T00:00:00Z", "before_send_time": f"{last + timedelta(days=1)}T00:00:00Z"}

        def pulled(account_id: str) -> Iterator[pa.Table]:
            for page in _pages(client, "reports", "reports", **sent):
                yield from pull([{**report, "account_id": account_id} for report in page])

        accounts = [client.get("3.0/").json()["account_id"]]
        sent_day = "cast(send_time as date)"
        yield from replaced_window(first, last, accounts, pulled, account_column="account_id", day_column=sent_day)
        window_pulled(since, until)

    @dlt.resource(columns=hints(REPORTS), primary_key="campaign_id", write_disposition="merge")
    def reports() -> Iterator[object]:
        yield from sent_in_window(lambda sent: [arrow_table(sent, REPORTS, "mailchimp reports")])

    @dlt.resource(columns=hints(EMAIL_ACTIVITY), primary_key="event_id", write_disposition="merge")
    def email_activity() -> Iterator[object]:
        yield from sent_in_window(lambda sent: _of_each(sent, lambda report: _activity(client, report)))

    @dlt.resource(columns=hints(UNSUBSCRIBES), primary_key=("campaign_id", "email_id"), write_disposition="merge")
    def unsubscribes() -> Iterator[object]:
        yield from sent_in_window(lambda sent: _of_each(sent, lambda report: _unsubscribes(client, report)))

    return lists, members, campaigns, reports, email_activity, unsubscribes


def _pages(
    client: VendorClient, path: str, name: str, *, has_blanks: bool = True, **params: str
) -> Iterator[list[dict]]:
    """A collection's pages, "" as null where that is sent. `_links`, most of Mailchimp's bytes, are left out."""
    for page in client.paginate(
        f"3.0/{path}",
        params={"exclude_fields": f"{name}._links", **params},
        paginator=OffsetPaginator(limit=PAGE_ROWS, limit_param="count", total_path="total_items"),
        data_selector=name,
    ):
        items = objects(page, f"mailchimp {path}")
        yield [_nulled(item) for item in items] if has_blanks else items


def _nulled(value: object) -> object:
    if isinstance(value, dict):
        return {name: _nulled(inner) for name, inner in value.items()}
    return None if value == "" else value


def _of_each(reports: list[dict], pull: Callable[[dict], list[pa.Table]]) -> Iterator[pa.Table]:
    """The tables of each report's campaign, a few campaigns at a time, in the reports' order."""
    with ThreadPoolExecutor(CAMPAIGNS_AT_ONCE) as pool:
        for start in range(0, len(reports), CAMPAIGNS_AT_ONCE):
            for tables in pool.map(pull, reports[start : start + CAMPAIGNS_AT_ONCE]):
                yield from tables


def _activity(client: VendorClient, report: dict) -> list[pa.Table]:
    """One row per open, click and bounce of the campaign's recipients."""
    pages = _pages(client, f"reports/{report['id']}/email-activity", "emails", has_blanks=False)
    return [pa.concat_tables(_events(page, report) for page in pages)]


def _events(emails: list[dict], report: dict) -> pa.Table:
    """The recipients' actions.

    Mailchimp gives them no id. Ours is made of who did what and when, and of its number where the same was done twice
    in one second: the same after every reload.
    """
    where = "mailchimp email activity"
    done = [(email, action) for email in emails for action in email["activity"]]
    of_report = arrow_table([report], OF_REPORT, where).take(pa.array([0] * len(done), pa.int64()))
    of_emails = arrow_table([email for email, _ in done], EMAILS, where)
    of_actions = arrow_table([action for _, action in done], ACTIONS, where)
    event_ids = pa.array(_event_ids(done), pa.string())
    return pa.table([event_ids, *of_report.columns, *of_emails.columns, *of_actions.columns], list(EMAIL_ACTIVITY))


def _event_ids(done: list[tuple[dict, dict]]) -> list[str]:
    seen: Counter[str] = Counter()
    event_ids = []
    for email, action in done:
        whose = f"{email['campaign_id']}|{email['email_id']}"
        what = f"{whose}|{action['action']}|{action['timestamp']}|{action.get('url') or ''}"
        seen[what] += 1
        event_ids.append(hashlib.md5(f"{what}|{seen[what]}".encode(), usedforsecurity=False).hexdigest())
    return event_ids


def _unsubscribes(client: VendorClient, report: dict) -> list[pa.Table]:
    """One row per address that left the list by this campaign; not asked for where the report says nobody did."""
    if not report["unsubscribed"]:
        return []
    of = {"account_id": report["account_id"], "send_time": report["send_time"]}
    return [
        arrow_table([{**item, **of} for item in page], UNSUBSCRIBES, "mailchimp unsubscribes")
        for page in _pages(client, f"reports/{report['id']}/unsubscribed", "unsubscribes")
    ]
