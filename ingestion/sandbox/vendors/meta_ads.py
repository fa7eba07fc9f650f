"""Meta Marketing API v26.0: ad accounts, campaigns, and insights by asynchronous jobs.

Strict where Meta is: unknown fields, removed attribution windows, reports that are too large at once. Links to the next
page carry the access token, as Meta's do.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.answers import JSONResponse
from ingestion.sandbox.world import Account, AdDay, AdPart, Campaign, World

ACCESS_TOKEN = "EAAB-sandbox-system-user-token"
SETTINGS = {"ACCESS_TOKEN": ACCESS_TOKEN, "POLL_SECONDS": "0"}
DEFAULT_PAGE_ROWS = 25
LARGEST_PAGE_ROWS = 500
# A report of more rows is refused: ask for fewer days.
MAX_REPORT_ROWS = 50_000

STATUSES = {"ENABLED": "ACTIVE", "PAUSED": "PAUSED", "REMOVED": "DELETED"}
SHOWN_BY_DEFAULT = ("ACTIVE", "PAUSED")
ALL_STATUSES = {"ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"}
ACCOUNT_FIELDS = {
    "id": lambda account: f"act_{account.account_id}",
    "account_id": lambda account: account.account_id,
    "name": lambda account: account.name,
    "currency": lambda account: account.currency,
    "timezone_name": lambda account: account.time_zone,
    "account_status": lambda account: 1,
}
INSIGHT_FIELDS = {
    "account_id": lambda day, part: day.account_id,
    "campaign_id": lambda day, part: day.campaign_id,
    "adset_id": lambda day, part: part and part.ad_group_id,
    "adset_name": lambda day, part: part and part.ad_group_name,
    "ad_id": lambda day, part: part and part.ad_id,
    "ad_name": lambda day, part: part and part.ad_name,
    "impressions": lambda day, part: str(day.impressions),
    "reach": lambda day, part: str(day.reach),
    "clicks": lambda day, part: str(day.clicks) if day.clicks else None,
    "spend": lambda day, part: str(day.spend),
    "actions": lambda day, part: _actions(link_click=Decimal(day.clicks), lead=day.conversions),
    "action_values": lambda day, part: _actions(purchase=day.conversion_value),
}
LEVELS = ("campaign", "adset", "ad")
WINDOWS = {"1d_click", "7d_click", "28d_click", "1d_view", "1d_ev", "dda", "default", "skan_click", "skan_view"}


@dataclass
class Job:
    """An insights job: what was asked, how it will end, and how often it was looked at."""

    account_id: str
    level: str
    fields: tuple[str, ...]
    first: date
    last: date
    statuses: tuple[str, ...]
    outcome: str
    looks: int = 0


# Jobs by their id, and how the next ones end ("Job Failed", "Job Skipped"); all others complete.
jobs: dict[str, Job] = {}
next_outcomes: list[str] = []
_run_ids = itertools.count(6023920149050)


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """The request is answered with a Graph API error."""

    def __init__(self, message: str, code: int = 100, subcode: int | None = None, status: int = 400) -> None:
        self.response = _error(message, code, subcode, status)


def rate_limited(request: Request) -> Response:
    """HTTP 400 with code 80000; the wait stands, in minutes, in a header."""
    message = "There have been too many calls from this ad-account. Wait a bit and try again."
    answer = _error(f"(#80000) {message}", 80000, 2446079)
    usage = {"type": "ads_insights", "call_count": 100, "total_cputime": 25, "total_time": 25}
    answer.headers["X-Business-Use-Case-Usage"] = json.dumps({"1": [usage | {"estimated_time_to_regain_access": 12}]})
    return answer


def unauthorized(request: Request) -> Response:
    """HTTP 401 with code 190 for a token that expired; it is told in the message, as Meta does with broken ones."""
    message = f"Error validating access token: Session has expired. Token: {_token(request)}"
    return _error(message, 190, 463, 401)


def answering(handler: Callable[[Request, dict[str, str]], Response]) -> Callable:
    """A handler for callers with the right token; parameters come in the query or the form."""

    async def endpoint(request: Request) -> Response:
        form = await request.form() if request.method == "POST" else {}
        if _token(request) != ACCESS_TOKEN:
            return _error("Invalid OAuth access token - Cannot parse access token", 190)
        try:
            return handler(request, dict(request.query_params) | dict(form))
        except Refusal as refusal:
            return refusal.response

    return endpoint


def ad_accounts(request: Request, asked: dict[str, str]) -> Response:
    """The accounts that the token's user may see."""
    fields = _fields(asked.get("fields", "id"), ACCOUNT_FIELDS, "AdAccount")
    return _page(request, asked, list(_accounts(request.app.state.world)), lambda account: _shown(account, fields))


def campaigns(request: Request, asked: dict[str, str]) -> Response:
    """The campaigns of an account; deleted ones only if their status is asked for."""
    account = _account(request)
    fields = _fields(asked.get("fields", "id"), CAMPAIGN_FIELDS, "Campaign")
    statuses = _statuses(json.loads(asked.get("effective_status", json.dumps(SHOWN_BY_DEFAULT))))
    found = [
        (campaign, account)
        for campaign in request.app.state.world.campaigns
        if campaign.platform == "meta_ads"
        and campaign.account_id == account.account_id
        and STATUSES[campaign.status] in statuses
    ]
    return _page(request, asked, found, lambda one: _shown(one, fields))


def start_insights(request: Request, asked: dict[str, str]) -> Response:
    """Start a job: campaigns, ad sets or ads by day."""
    account = _account(request)
    fields = tuple(_fields(asked.get("fields", "impressions,spend"), INSIGHT_FIELDS, "insights"))
    level = asked.get("level")
    if level not in LEVELS or asked.get("time_increment") != "1":
        raise Refusal("(#100) The sandbox knows the levels campaign, adset and ad, and time_increment=1 only")
    windows = set(json.loads(asked.get("action_attribution_windows", "[]")))
    if unknown := sorted(windows - WINDOWS):
        raise Refusal(f"(#100) action_attribution_windows: '{unknown[0]}' is not a valid attribution window")
    first, last = _time_range(asked)
    statuses = SHOWN_BY_DEFAULT
    for filtering in json.loads(asked.get("filtering", "[]")):
        if (filtering["field"], filtering["operator"]) != ("campaign.effective_status", "IN"):
            raise Refusal(f"(#100) Filtering field '{filtering['field']}' is invalid")
        statuses = _statuses(filtering["value"])
    outcome = next_outcomes.pop(0) if next_outcomes else "Job Completed"
    job = Job(account.account_id, level, fields, first, last, statuses, outcome)
    if len(_found(request.app.state.world, job)) > MAX_REPORT_ROWS:
        raise Refusal("Please reduce the amount of data you're asking for, then retry your request", 1, status=500)
    run_id = str(next(_run_ids))
    jobs[run_id] = job
    return JSONResponse({"report_run_id": run_id})


def run(request: Request, asked: dict[str, str]) -> Response:
    """How far a job is: half at the first look, ended at the second."""
    run_id, job = _job(request)
    job.looks += 1
    has_ended = job.looks > 1
    told = {
        "id": run_id,
        "account_id": job.account_id,
        "async_status": job.outcome if has_ended else "Job Running",
        "async_percent_completion": (100 if job.outcome == "Job Completed" else 70) if has_ended else 50,
        "is_running": not has_ended,
        "date_start": job.first.isoformat(),
        "date_stop": job.last.isoformat(),
    }
    if has_ended and job.outcome == "Job Failed":
        told |= {"error_code": 2, "error_message": "An unexpected error has occurred. Please retry your request later."}
    return JSONResponse(told)


def run_insights(request: Request, asked: dict[str, str]) -> Response:
    """The rows of a completed job."""
    _, job = _job(request)
    if job.looks < 2 or job.outcome != "Job Completed":
        raise Refusal("(#2601) Insights of this report run are not available yet", 2601)
    return _page(request, asked, _found(request.app.state.world, job), lambda found: _insight(*found, job.fields))


def nothing(request: Request, asked: dict[str, str]) -> Response:
    """Any other address."""
    raise Refusal(f"Unknown path components: {request.url.path}", 2500)


routes = [
    Route("/v26.0/me/adaccounts", answering(ad_accounts), methods=["GET"]),
    Route("/v26.0/act_{account_id}/campaigns", answering(campaigns), methods=["GET"]),
    Route("/v26.0/act_{account_id}/insights", answering(start_insights), methods=["POST"]),
    Route("/v26.0/{run_id:int}", answering(run), methods=["GET"]),
    Route("/v26.0/{run_id:int}/insights", answering(run_insights), methods=["GET"]),
    Route("/{rest:path}", answering(nothing), methods=["GET", "POST"]),
]


def _token(request: Request) -> str | None:
    header = request.headers.get("authorization", "")
    return header.removeprefix("Bearer ") if header else request.query_params.get("access_token")


def _accounts(world: World) -> list[Account]:
    return [account for account in world.accounts if account.platform == "meta_ads"]


def _account(request: Request) -> Account:
    account_id = request.path_params["account_id"]
    for account in _accounts(request.app.state.world):
        if account.account_id == account_id:
            return account
    raise Refusal(
        f"Unsupported get request. Object with ID 'act_{account_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation",
        100,
        33,
    )


def _job(request: Request) -> tuple[str, Job]:
    run_id = str(request.path_params["run_id"])
    if run_id not in jobs:
        raise Refusal(f"Unsupported get request. Object with ID '{run_id}' does not exist", 100, 33)
    return run_id, jobs[run_id]


def _fields(asked: str, known: dict, node: str) -> dict[str, Callable]:
    names = asked.split(",")
    for name in names:
        if name not in known and node == "insights":
            raise Refusal(f"(#100) {name} is not valid for fields param.")
        if name not in known:
            raise Refusal(f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})")
    return {name: known[name] for name in names}


def _statuses(asked: list[str]) -> tuple[str, ...]:
    if unknown := sorted(set(asked) - ALL_STATUSES):
        raise Refusal(f"(#100) Param effective_status must be one of {sorted(ALL_STATUSES)}, not {unknown[0]}")
    return tuple(asked)


def _time_range(asked: dict[str, str]) -> tuple[date, date]:
    try:
        days = json.loads(asked["time_range"])
        return date.fromisoformat(days["since"]), date.fromisoformat(days["until"])
    except (KeyError, ValueError):
        raise Refusal("(#100) Must be a valid time_range, e.g. {'since':'2026-01-01','until':'2026-01-31'}") from None


def _found(world: World, job: Job) -> list[tuple[AdDay, AdPart | None]]:
    """The days of the job's level, with the ad set or ad; a day on which nothing was shown or spent has none."""
    shown = {
        campaign.campaign_id
        for campaign in world.campaigns
        if campaign.platform == "meta_ads" and STATUSES[campaign.status] in job.statuses
    }
    days = [
        day
        for day in world.ad_days
        if day.platform == "meta_ads"
        and day.account_id == job.account_id
        and job.first <= day.day <= job.last
        and day.campaign_id in shown
    ]
    if job.level == "campaign":
        found = [(day, None) for day in days]
    else:
        parts = defaultdict(list)
        for part in world.ad_parts:
            if part.platform == "meta_ads" and (part.ad_id is not None) == (job.level == "ad"):
                parts[part.campaign_id].append(part)
        found = [(part.of(day), part) for day in days for part in parts[day.campaign_id]]
    return [(day, part) for day, part in found if day.impressions or day.spend]


def _shown(one: object, fields: dict[str, Callable], *others: object) -> dict:
    values = {name: value(one, *others) for name, value in fields.items()}
    return {name: value for name, value in values.items() if value is not None}


def _insight(day: AdDay, part: AdPart | None, fields: tuple[str, ...]) -> dict:
    values = _shown(day, {name: INSIGHT_FIELDS[name] for name in fields}, part)
    return values | {"date_start": day.day.isoformat(), "date_stop": day.day.isoformat()}


def _actions(**counts: Decimal) -> list[dict] | None:
    found = [{"action_type": kind, "value": str(count)} for kind, count in counts.items() if count]
    return found or None


def _local_midnight(day: date | None, account: Account) -> str | None:
    return day and datetime.combine(day, time(), ZoneInfo(account.time_zone)).strftime("%Y-%m-%dT%H:%M:%S%z")


CAMPAIGN_FIELDS: dict[str, Callable[[tuple[Campaign, Account]], object]] = {
    "id": lambda one: one[0].campaign_id,
    "account_id": lambda one: one[0].account_id,
    "name": lambda one: one[0].name,
    "objective": lambda one: one[0].kind,
    "status": lambda one: STATUSES[one[0].status],
    "effective_status": lambda one: STATUSES[one[0].status],
    "start_time": lambda one: _local_midnight(one[0].start_date, one[1]),
    "stop_time": lambda one: _local_midnight(one[0].end_date, one[1]),
    "daily_budget": lambda one: str(int(one[0].daily_budget * 100)),
}


def _page(request: Request, asked: dict[str, str], found: Sequence, shown: Callable[[object], dict]) -> Response:
    """A page by cursor; `next` is absent on the last one, though its cursors are there."""
    try:
        offset = int(asked.get("after", "0"), 16)
        size = min(int(asked.get("limit", DEFAULT_PAGE_ROWS)), LARGEST_PAGE_ROWS)
    except ValueError:
        raise Refusal("(#100) Invalid cursor or limit") from None
    after = f"{offset + size:x}"
    body: dict[str, object] = {"data": [shown(one) for one in found[offset : offset + size]]}
    if found:
        body["paging"] = {"cursors": {"before": f"{offset:x}", "after": after}}
    if offset + size < len(found):
        following = request.url.include_query_params(access_token=ACCESS_TOKEN, after=after)
        body["paging"]["next"] = str(following)
    return JSONResponse(body)


def _error(message: str, code: int, subcode: int | None = None, status: int = 400) -> Response:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEfGhIjK"}
    return JSONResponse({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)
