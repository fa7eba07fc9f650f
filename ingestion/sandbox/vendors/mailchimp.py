"""Mailchimp Marketing API 3.0: lists, members, campaigns and reports with what recipients did.

Refuses what Mailchimp refuses: a wrong key, unknown parameters' values, a count above 1,000, an eleventh connection at
a time. Nothing is null here: what Mailchimp does not know is "".
"""

import base64
import hashlib
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import cycle

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.answers import JSONResponse
from ingestion.sandbox.world import MailEvent, Mailing, Member, World

API_KEY = "5f1d9a7c3e2b4806a1c9d8e7f6b5a403-us21"
SETTINGS = {"API_KEY": API_KEY}
ACCOUNT_ID = "8d3a3db4d97663a9074efcc16"
MAX_COUNT, DEFAULT_COUNT = 1000, 10
MAX_CONNECTIONS = 10

_throttles = cycle((429, 403))
_connections = threading.Semaphore(MAX_CONNECTIONS)


@dataclass(frozen=True)
class _Mail:
    """The company's mail, indexed for one world."""

    world: World
    mailings: dict[str, Mailing]
    events: dict[str, dict[str, list[MailEvent]]]  # campaign -> address -> events, oldest first
    unsubscribes: dict[str, list[MailEvent]]
    complaints: Counter


_indexed: _Mail | None = None
_indexing = threading.Lock()


def _mail(request: Request) -> _Mail:
    """The index of the world as it is now: built once for each world."""
    global _indexed
    world = request.app.state.world
    with _indexing:
        if _indexed is None or _indexed.world is not world:
            _indexed = _index(world)
        return _indexed


def _index(world: World) -> _Mail:
    events, unsubscribes, complaints = defaultdict(dict), defaultdict(list), Counter()
    for event in sorted(world.mail_events, key=lambda event: event.at):
        match event.action:
            case "unsubscribe":
                unsubscribes[event.campaign_id].append(event)
            case "complaint":
                complaints[event.campaign_id] += 1
            case _:
                events[event.campaign_id].setdefault(event.email, []).append(event)
    mailings = {mailing.campaign_id: mailing for mailing in sorted(world.mailings, key=lambda m: m.created_at)}
    return _Mail(world, mailings, events, unsubscribes, complaints)


def _problem(status: int, title: str, detail: str) -> JSONResponse:
    return JSONResponse(
        {
            "type": "https://mailchimp.com/developer/marketing/docs/errors/",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": "3e8b1b6a-0c8e-4d67-9c11-5b4c5a8e9a10",
        },
        status_code=status,
        media_type="application/problem+json",
    )


def rate_limited(request: Request) -> Response:
    """In turn the documented 429 and the bare 403 that heavy throttling gives."""
    if next(_throttles) == 429:
        return _problem(429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections.")
    return Response("<html><body>Forbidden</body></html>", status_code=403, media_type="text/html")


def unauthorized(request: Request) -> JSONResponse:
    """401 for a key that is wrong, disabled, or of another data center."""
    return _problem(
        401,
        "API Key Invalid",
        "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
    )


class _Refused(Exception):  # noqa: N818 - it is an answer
    """400 with this detail."""


class _NotFound(Exception):  # noqa: N818 - it is an answer
    """404."""


def _endpoint(handler: Callable[[Request, _Mail], dict]) -> Callable[[Request], Response]:
    """The handler behind authorization, the connection limit and Mailchimp's errors."""

    def answer(request: Request) -> Response:
        if not _connections.acquire(blocking=False):
            return _problem(429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections.")
        try:
            if not _authorized(request):
                return unauthorized(request)
            return JSONResponse(handler(request, _mail(request)))
        except _Refused as refused:
            return _problem(400, "Invalid Resource", str(refused))
        except _NotFound:
            return _problem(404, "Resource Not Found", "The requested resource could not be found.")
        finally:
            _connections.release()

    return answer


def _authorized(request: Request) -> bool:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials == API_KEY
    try:
        _, _, key = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        return False
    return scheme.lower() == "basic" and key == API_KEY


def _page(request: Request, name: str, items: Iterable[object], shown: Callable[..., dict], **envelope) -> dict:
    """One page of a collection in Mailchimp's envelope; only the items of the page are rendered."""
    items = list(items)
    count, offset = _whole_number(request, "count", DEFAULT_COUNT), _whole_number(request, "offset", 0)
    if count > MAX_COUNT:
        raise _Refused(f"count must be at most {MAX_COUNT}.")
    excluded = {
        field.removeprefix(f"{name}.")
        for field in request.query_params.get("exclude_fields", "").split(",")
        if field.startswith(f"{name}.")
    }
    links = _links(request)
    linked = {} if "_links" in excluded else {"_links": links}
    page = [{**shown(item), **linked} for item in items[offset : offset + count]]
    if excluded - {"_links"}:
        page = [{key: value for key, value in item.items() if key not in excluded} for item in page]
    return {name: page, **envelope, "total_items": len(items), "_links": links}


def _links(request: Request) -> list[dict]:
    return [{"rel": "self", "href": str(request.url.replace(query="")), "method": "GET"}]


def _whole_number(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name, str(default))
    if not value.isdigit():
        raise _Refused(f"{name} must be a whole number.")
    return int(value)


def _moment(request: Request, name: str) -> datetime | None:
    """A date-time parameter; Mailchimp reads one without a zone as UTC."""
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _Refused(f"{name} must be an ISO 8601 date-time.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _between(request: Request, after: str, before: str, moment: datetime) -> bool:
    since, until = _moment(request, after), _moment(request, before)
    return (since is None or moment >= since) and (until is None or moment < until)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


@cache
def _email_id(email: str) -> str:
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


def account(request: Request, mail: _Mail) -> dict:
    """GET /3.0/"""
    accounts = [account for account in mail.world.accounts if account.platform == "mailchimp"]
    known = {"account_id": accounts[0].account_id, "account_name": accounts[0].name} if accounts else {}
    return {"account_id": ACCOUNT_ID, "account_name": "Sandbox", **known, "_links": _links(request)}


def lists(request: Request, mail: _Mail) -> dict:
    """GET /3.0/lists"""
    members = Counter(member.list_id for member in mail.world.members if member.status == "subscribed")

    def shown(mailing_list) -> dict:
        return {
            "id": mailing_list.list_id,
            "name": mailing_list.name,
            "date_created": "2025-01-01T00:00:00+00:00",
            "visibility": "prv",
            "stats": {"member_count": members[mailing_list.list_id]},
        }

    return _page(request, "lists", mail.world.mailing_lists, shown)


def members(request: Request, mail: _Mail) -> dict:
    """GET /3.0/lists/{list_id}/members"""
    list_id = request.path_params["list_id"]
    if list_id not in {mailing_list.list_id for mailing_list in mail.world.mailing_lists}:
        raise _NotFound
    status = request.query_params.get("status")
    if status not in (None, "subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived"):
        raise _Refused("The value you have entered for status is invalid.")
    found = (
        member
        for member in mail.world.members
        if member.list_id == list_id
        and status in (None, member.status)
        and _between(request, "since_last_changed", "before_last_changed", member.changed_at)
    )
    return _page(request, "members", found, _member, list_id=list_id)


def _member(member: Member) -> dict:
    first_name, _, last_name = member.full_name.partition(" ")
    return {
        "id": _email_id(member.email),
        "email_address": member.email,
        "full_name": member.full_name,
        "email_type": "html",
        "status": member.status,
        "merge_fields": {"FNAME": first_name, "LNAME": last_name, "PHONE": ""},
        "ip_signup": "",
        "timestamp_signup": "",
        "timestamp_opt": _iso(member.joined_at),
        "last_changed": _iso(member.changed_at),
        "language": "",
        "vip": False,
        "list_id": member.list_id,
    }


def campaigns(request: Request, mail: _Mail) -> dict:
    """GET /3.0/campaigns"""
    found = (
        mailing
        for mailing in mail.mailings.values()
        if _between(request, "since_create_time", "before_create_time", mailing.created_at)
        and _between(request, "since_send_time", "before_send_time", mailing.sent_at)
    )

    def shown(mailing: Mailing) -> dict:
        return {
            "id": mailing.campaign_id,
            "type": "regular",
            "create_time": _iso(mailing.created_at),
            "status": "sent",
            "emails_sent": len(mailing.sent_to),
            "send_time": _iso(mailing.sent_at),
            "content_type": "template",
            "recipients": {
                "list_id": mailing.list_id,
                "list_is_active": True,
                "segment_text": "",
                "recipient_count": len(mailing.sent_to),
            },
            "settings": {"subject_line": mailing.subject, "preview_text": "", "title": mailing.title},
            "tracking": {"opens": True, "html_clicks": True, "google_analytics": mailing.utm_campaign},
        }

    return _page(request, "campaigns", found, shown)


def reports(request: Request, mail: _Mail) -> dict:
    """GET /3.0/reports"""
    found = (
        mailing
        for mailing in mail.mailings.values()
        if _between(request, "since_send_time", "before_send_time", mailing.sent_at)
    )
    return _page(request, "reports", found, lambda mailing: _report(mailing, mail))


def _report(mailing: Mailing, mail: _Mail) -> dict:
    by_email = mail.events.get(mailing.campaign_id, {})
    events = [event for of_one in by_email.values() for event in of_one]
    bounces = Counter(event.bounce_type for event in events if event.action == "bounce")
    return {
        "id": mailing.campaign_id,
        "campaign_title": mailing.title,
        "type": "regular",
        "list_id": mailing.list_id,
        "list_is_active": True,
        "subject_line": mailing.subject,
        "preview_text": "",
        "emails_sent": len(mailing.sent_to),
        "abuse_reports": mail.complaints[mailing.campaign_id],
        "unsubscribed": len(mail.unsubscribes.get(mailing.campaign_id, [])),
        "send_time": _iso(mailing.sent_at),
        "bounces": {"hard_bounces": bounces["hard"], "soft_bounces": bounces["soft"], "syntax_errors": 0},
        "opens": _counters(events, by_email, "open"),
        "clicks": _counters(events, by_email, "click"),
    }


def _counters(events: list[MailEvent], by_email: dict[str, list[MailEvent]], action: str) -> dict:
    unique = sum(any(event.action == action for event in of_one) for of_one in by_email.values())
    times = [event.at for event in events if event.action == action]
    last = _iso(max(times)) if times else ""
    if action == "open":
        return {"opens_total": len(times), "unique_opens": unique, "last_open": last}
    clicked = {(event.email, event.url) for event in events if event.action == "click"}
    return {
        "clicks_total": len(times),
        "unique_clicks": len(clicked),
        "unique_subscriber_clicks": unique,
        "last_click": last,
    }


def email_activity(request: Request, mail: _Mail) -> dict:
    """GET /3.0/reports/{campaign_id}/email-activity: every address it was sent to, with what each did."""
    mailing = _mailing(request, mail)
    events = mail.events.get(mailing.campaign_id, {})
    since = _moment(request, "since")

    def shown(email: str) -> dict:
        return {
            "campaign_id": mailing.campaign_id,
            "list_id": mailing.list_id,
            "list_is_active": True,
            "email_id": _email_id(email),
            "email_address": email,
            "activity": [_action(event) for event in events.get(email, []) if since is None or event.at >= since],
        }

    return _page(request, "emails", mailing.sent_to, shown, campaign_id=mailing.campaign_id)


def _action(event: MailEvent) -> dict:
    action = {"action": event.action, "timestamp": _iso(event.at)}
    if event.action == "bounce":
        return {**action, "type": event.bounce_type}
    if event.action == "click":
        action["url"] = event.url
    return {**action, "ip": event.ip}


def unsubscribed(request: Request, mail: _Mail) -> dict:
    """GET /3.0/reports/{campaign_id}/unsubscribed"""
    mailing = _mailing(request, mail)

    def shown(event: MailEvent) -> dict:
        return {
            "email_id": _email_id(event.email),
            "email_address": event.email,
            "merge_fields": {},
            "vip": False,
            "timestamp": _iso(event.at),
            "reason": "None given",
            "campaign_id": mailing.campaign_id,
            "list_id": mailing.list_id,
            "list_is_active": True,
        }

    return _page(
        request, "unsubscribes", mail.unsubscribes.get(mailing.campaign_id, []), shown, campaign_id=mailing.campaign_id
    )


def _mailing(request: Request, mail: _Mail) -> Mailing:
    try:
        return mail.mailings[request.path_params["campaign_id"]]
    except KeyError:
        raise _NotFound from None


routes = [
    Route("/3.0/", _endpoint(account)),
    Route("/3.0/lists", _endpoint(lists)),
    Route("/3.0/lists/{list_id}/members", _endpoint(members)),
    Route("/3.0/campaigns", _endpoint(campaigns)),
    Route("/3.0/reports", _endpoint(reports)),
    Route("/3.0/reports/{campaign_id}/email-activity", _endpoint(email_activity)),
    Route("/3.0/reports/{campaign_id}/unsubscribed", _endpoint(unsubscribed)),
]
