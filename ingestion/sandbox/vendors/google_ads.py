"""Google Ads API v26 (REST): token endpoint, accessible customers, and GAQL search over accounts, campaigns, their ad
groups and ads, and clicks.

Strict where Google is: unknown fields, `pageSize`, missing developer token or manager, reports without a date range,
clicks of more than one day or of more than 90 days ago.
"""

import base64
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.answers import JSONResponse
from ingestion.sandbox.world import Account, AdDay, AdPart, Campaign, Click, World

MANAGER_ID = "9000000001"
ACCESS_TOKEN = "ya29.sandbox-access-token"
SETTINGS = {
    "DEVELOPER_TOKEN": "sandbox-developer-tokn",
    "CLIENT_ID": "sandbox.apps.googleusercontent.com",
    "CLIENT_SECRET": "sandbox-client-secret",
    "REFRESH_TOKEN": "1//sandbox-refresh-token",
    "LOGIN_CUSTOMER_ID": MANAGER_ID,
}
PAGE_ROWS = 10_000
CLICK_DAYS = 90
MICROS = 1_000_000
OPEN_END = "2037-12-30 23:59:59"

# What may be selected from each resource, beside the attributes of the resources it belongs to.
ACCOUNT_FIELDS = {
    f"customer_client.{name}"
    for name in ("id", "client_customer", "level", "manager", "descriptive_name", "currency_code", "time_zone")
} | {"customer_client.status"}
CUSTOMER_FIELDS = {f"customer.{name}" for name in ("id", "descriptive_name", "currency_code", "time_zone")}
CAMPAIGN_FIELDS = {
    f"campaign.{name}"
    for name in ("id", "name", "status", "advertising_channel_type", "start_date_time", "end_date_time")
}
# A metric's attribute of the company's day, and how Google writes it: int64 as text, doubles as numbers.
METRICS: dict[str, tuple[str, Callable[[Decimal], object]]] = {
    "metrics.impressions": ("impressions", str),
    "metrics.clicks": ("clicks", str),
    "metrics.cost_micros": ("spend", lambda spend: str(int(spend * MICROS))),
    "metrics.conversions": ("conversions", float),
    "metrics.conversions_value": ("conversion_value", float),
}
AD_GROUP_FIELDS = {"ad_group.id", "ad_group.name"}
AD_FIELDS = {"ad_group_ad.ad.id", "ad_group_ad.ad.name"}
REPORT_FIELDS = CAMPAIGN_FIELDS | CUSTOMER_FIELDS | set(METRICS) | {"segments.date"}
FIELDS = {
    "customer_client": ACCOUNT_FIELDS,
    "campaign": REPORT_FIELDS | {"campaign_budget.amount_micros"},
    "ad_group": REPORT_FIELDS | AD_GROUP_FIELDS,
    "ad_group_ad": REPORT_FIELDS | AD_GROUP_FIELDS | AD_FIELDS,
    "click_view": {"click_view.gclid", "segments.date"} | CAMPAIGN_FIELDS | CUSTOMER_FIELDS,
}
QUERY = re.compile(
    r"\s*SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<resource>\w+)(?:\s+WHERE\s+(?P<where>.+?))?\s*", re.I | re.S
)
CONDITION = re.compile(
    r"(?P<field>[\w.]+)\s*(?:(?P<operator>=|>=|<=)\s*'(?P<value>[^']*)'"
    r"|BETWEEN\s+'(?P<low>[^']*)'\s+AND\s+'(?P<high>[^']*)')",
    re.I,
)


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """The request is answered with a GoogleAdsFailure."""

    def __init__(self, status: int, kind: str, code: str, message: str) -> None:
        self.response = _failure(status, kind, code, message)


@dataclass(frozen=True)
class Query:
    """A parsed GAQL query; the days are null where it does not bound them."""

    fields: tuple[str, ...]
    resource: str
    first: date | None
    last: date | None


Values = dict[str, object]
# What a query finds, and how one of them reads as values by GAQL field: only a page's worth is ever read.
Found = tuple[Sequence[object], Callable[[object], Values]]
# The latest results by number: a search is done once, its pages are read from what it found then.
KEPT_RESULTS = 100
results: dict[int, tuple[Query, Found]] = {}
_numbers = itertools.count(1)


def rate_limited(_request: Request) -> Response:
    """429 with the wait in the body, as Google has no Retry-After."""
    details = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "rateName": "Operations", "retryDelay": "30s"}}
    message = "Too many requests. Retry in 30 seconds."
    return _failure(429, "quotaError", "RESOURCE_EXHAUSTED", message, details)


def unauthorized(_request: Request) -> Response:
    """401 for an access token that expired."""
    return _failure(401, "authenticationError", "OAUTH_TOKEN_EXPIRED", "The provided OAuth token has expired.")


async def token(request: Request) -> Response:
    """OAuth: a refresh token becomes an access token."""
    form = await request.form()
    if form.get("grant_type") != "refresh_token":
        return JSONResponse({"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}, 400)
    if (form.get("client_id"), form.get("client_secret")) != (SETTINGS["CLIENT_ID"], SETTINGS["CLIENT_SECRET"]):
        return JSONResponse({"error": "invalid_client", "error_description": "The OAuth client was not found."}, 401)
    if form.get("refresh_token") != SETTINGS["REFRESH_TOKEN"]:
        description = "Token has been expired or revoked."
        return JSONResponse({"error": "invalid_grant", "error_description": description}, 400)
    scope = "https://www.googleapis.com/auth/adwords"
    return JSONResponse({"access_token": ACCESS_TOKEN, "expires_in": 3599, "scope": scope, "token_type": "Bearer"})


async def accessible_customers(request: Request) -> Response:
    """The customers the user was given directly: the manager."""
    if refusal := _refused_credentials(request):
        return refusal
    return JSONResponse({"resourceNames": [f"customers/{MANAGER_ID}"]})


async def search(request: Request) -> Response:
    """One page of a GAQL query on one customer."""
    if refusal := _refused_credentials(request):
        return refusal
    try:
        return _page(request, await request.json())
    except Refusal as refusal:
        return refusal.response


routes = [
    Route("/token", token, methods=["POST"]),
    Route("/v26/customers:listAccessibleCustomers", accessible_customers, methods=["GET"]),
    Route("/v26/customers/{customer_id}/googleAds:search", search, methods=["POST"]),
]


def _refused_credentials(request: Request) -> Response | None:
    authorization = request.headers.get("authorization", "")
    if authorization != f"Bearer {ACCESS_TOKEN}":
        message = "Request had invalid authentication credentials. Expected OAuth 2 access token."
        return _failure(401, "authenticationError", "OAUTH_TOKEN_INVALID", message)
    if request.headers.get("developer-token") != SETTINGS["DEVELOPER_TOKEN"]:
        return _failure(401, "authenticationError", "DEVELOPER_TOKEN_INVALID", "The developer token is not valid.")
    return None


def _page(request: Request, body: dict) -> Response:
    if "pageSize" in body:
        message = "Setting the page size is not supported. Search Responses will have fixed page size of '10000' rows."
        raise Refusal(400, "requestError", "PAGE_SIZE_NOT_SUPPORTED", message)
    if unknown := sorted(set(body) - {"query", "pageToken", "searchSettings", "validateOnly"}):
        message = f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot find field.'
        raise Refusal(400, "requestError", "UNKNOWN", message)
    world: World = request.app.state.world
    customer_id = request.path_params["customer_id"]
    _check_access(world, customer_id, request.headers.get("login-customer-id"))
    query = _parsed(body.get("query", ""))
    _check(query, customer_id, world.as_of)
    number, offset = _place(body.get("pageToken"), query)
    if number not in results:
        results[number] = query, RESOURCES[query.resource](world, customer_id, query)
        results.pop(number - KEPT_RESULTS, None)
    _, (found, values_of) = results[number]
    page = _rows(query, map(values_of, found[offset : offset + PAGE_ROWS]))
    answer: dict[str, object] = {"results": page} if page else {}
    if offset + PAGE_ROWS < len(found):
        answer["nextPageToken"] = base64.urlsafe_b64encode(f"{number}|{offset + PAGE_ROWS}".encode()).decode()
    return JSONResponse(answer | {"fieldMask": ",".join(map(_camel, query.fields)), "queryResourceConsumption": "613"})


def _check_access(world: World, customer_id: str, manager_id: str | None) -> None:
    """A client account is reached only through its manager, and by digits only."""
    if not customer_id.isdigit() or (manager_id is not None and not manager_id.isdigit()):
        raise Refusal(400, "requestError", "INVALID_CUSTOMER_ID", f"Invalid customer ID '{customer_id}'.")
    is_known = customer_id == MANAGER_ID or any(account.account_id == customer_id for account in _accounts(world))
    if not is_known or (customer_id != MANAGER_ID and manager_id != MANAGER_ID):
        message = (
            "User doesn't have permission to access customer. Note: If you're accessing a client customer, the "
            "manager's customer id must be set in the 'login-customer-id' header."
        )
        raise Refusal(403, "authorizationError", "USER_PERMISSION_DENIED", message)


def _parsed(text: str) -> Query:
    match = QUERY.fullmatch(text)
    if match is None:
        raise Refusal(400, "queryError", "UNEXPECTED_INPUT", "Error in query: unexpected input.")
    resource = match["resource"]
    if resource not in FIELDS:
        raise Refusal(400, "queryError", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"{resource} is not a valid resource.")
    fields = tuple(field.strip() for field in match["fields"].split(","))
    first, last = None, None
    conditions = list(CONDITION.finditer(match["where"] or ""))
    if re.sub(r"\s|and", "", CONDITION.sub("", match["where"] or ""), flags=re.I):
        raise Refusal(400, "queryError", "BAD_VALUE", f"Error in WHERE clause: {match['where']}")
    for field in (*fields, *(condition["field"] for condition in conditions)):
        if field not in FIELDS[resource]:
            raise Refusal(400, "queryError", "UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{field}'.")
    for condition in conditions:
        if condition["field"] != "segments.date":
            raise Refusal(400, "queryError", "PROHIBITED_FILTER", f"Cannot filter on '{condition['field']}' here.")
        if condition["operator"] in (">=", "=", None):
            first = _day(condition["value"] or condition["low"])
        if condition["operator"] in ("<=", "=", None):
            last = _day(condition["value"] or condition["high"])
    return Query(fields, resource, first, last)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "queryError", "INVALID_VALUE_WITH_BETWEEN_OPERATOR", f"Invalid date '{text}'.") from None


def _check(query: Query, customer_id: str, as_of: date) -> None:
    if query.resource == "click_view":
        if query.first is None or query.first != query.last:
            message = "Queries including ClickView must have a filter limiting the results to one day."
            raise Refusal(400, "clickViewError", "EXPECTED_FILTER_ON_A_SINGLE_DAY", message)
        if query.first < as_of - timedelta(days=CLICK_DAYS):
            raise Refusal(400, "clickViewError", "DATE_TOO_OLD", "The requested date is too old.")
    if "segments.date" in query.fields and (query.first is None or query.last is None):
        message = "Expects filters on the following field to limit a finite date range: 'segments.date'"
        raise Refusal(400, "queryError", "EXPECTED_FILTERS_ON_DATE_RANGE", message)
    if customer_id == MANAGER_ID and set(METRICS) & set(query.fields):
        message = "Metrics cannot be requested for a manager account."
        raise Refusal(400, "queryError", "REQUESTED_METRICS_FOR_MANAGER", message)


def _place(page_token: str | None, query: Query) -> tuple[int, int]:
    """Which result, and from which row on: a page token belongs to the result of its own query."""
    if page_token is None:
        return next(_numbers), 0
    try:
        number, offset = map(int, base64.urlsafe_b64decode(page_token).decode().split("|"))
        asked, _ = results[number]
    except (ValueError, KeyError):
        asked = None
    if asked != query:
        raise Refusal(400, "requestError", "INVALID_PAGE_TOKEN", "Page token is invalid.")
    return number, offset


def _accounts(world: World) -> Iterator[Account]:
    return (account for account in world.accounts if account.platform == "google_ads")


def _accounts_found(world: World, customer_id: str, _query: Query) -> Found:
    """The account tree below the customer, itself included at level 0."""
    clients = [account for account in _accounts(world) if customer_id in (MANAGER_ID, account.account_id)]
    manager = Account("google_ads", MANAGER_ID, "Sandbox manager", "USD", "Etc/UTC")

    def values(account: Account) -> Values:
        return {
            "customer_client.resource_name": f"customers/{customer_id}/customerClients/{account.account_id}",
            "customer_client.id": account.account_id,
            "customer_client.client_customer": f"customers/{account.account_id}",
            "customer_client.level": None if account.account_id == customer_id else "1",
            "customer_client.manager": account is manager,
            "customer_client.descriptive_name": account.name,
            "customer_client.currency_code": account.currency,
            "customer_client.time_zone": account.time_zone,
            "customer_client.status": "ENABLED",
        }

    return ([manager, *clients] if customer_id == MANAGER_ID else clients), values


def _campaigns_found(world: World, customer_id: str, query: Query) -> Found:
    """Campaigns, with a row a day where the day is asked for; a day without any of the metrics asked for has none."""
    campaigns = {
        campaign.campaign_id: campaign
        for campaign in world.campaigns
        if campaign.platform == "google_ads" and campaign.account_id == customer_id
    }
    customer = _customer_values(world, customer_id)
    if "segments.date" not in query.fields:
        return list(campaigns.values()), lambda campaign: _campaign_values(campaign) | customer
    metrics = _metrics_asked(query)
    days = [day for day in _days(world, customer_id, query) if _has_any(day, metrics)]
    shown = {campaign_id: _campaign_values(campaign) | customer for campaign_id, campaign in campaigns.items()}

    def values(day: AdDay) -> Values:
        return shown[day.campaign_id] | _measured(day, metrics)

    return days, values


def _parts_found(world: World, customer_id: str, query: Query) -> Found:
    """The days of ad groups or, asked from `ad_group_ad`, of ads; none without any of the metrics asked for."""
    metrics = _metrics_asked(query)
    campaigns = {
        campaign.campaign_id: _campaign_values(campaign)
        for campaign in world.campaigns
        if campaign.platform == "google_ads" and campaign.account_id == customer_id
    }
    customer = _customer_values(world, customer_id)
    parts = defaultdict(list)
    for part in world.ad_parts:
        if part.platform == "google_ads" and (part.ad_id is not None) == (query.resource == "ad_group_ad"):
            parts[part.campaign_id].append(part)
    days = ((part, part.of(day)) for day in _days(world, customer_id, query) for part in parts[day.campaign_id])

    def values(found: tuple[AdPart, AdDay]) -> Values:
        part, day = found
        named = {
            "ad_group.resource_name": f"customers/{customer_id}/adGroups/{part.ad_group_id}",
            "ad_group.id": part.ad_group_id,
            "ad_group.name": part.ad_group_name,
            "ad_group_ad.resource_name": f"customers/{customer_id}/adGroupAds/{part.ad_group_id}~{part.ad_id}",
            "ad_group_ad.ad.id": part.ad_id,
            "ad_group_ad.ad.name": part.ad_name,
        }
        return campaigns[day.campaign_id] | customer | named | _measured(day, metrics)

    return [(part, day) for part, day in days if _has_any(day, metrics)], values


Metrics = dict[str, tuple[str, Callable[[Decimal], object]]]


def _days(world: World, customer_id: str, query: Query) -> Iterator[AdDay]:
    return (
        day
        for day in world.ad_days
        if day.account_id == customer_id and day.platform == "google_ads" and query.first <= day.day <= query.last
    )


def _metrics_asked(query: Query) -> Metrics:
    return {field: metric for field, metric in METRICS.items() if field in query.fields}


def _has_any(day: AdDay, metrics: Metrics) -> bool:
    return any(getattr(day, attribute) for attribute, _ in metrics.values())


def _measured(day: AdDay, metrics: Metrics) -> Values:
    told = {
        field: written(getattr(day, attribute))
        for field, (attribute, written) in metrics.items()
        if getattr(day, attribute)
    }
    return told | {"segments.date": day.day.isoformat()}


def _clicks_found(world: World, customer_id: str, query: Query) -> Found:
    """The clicks of one day."""
    campaigns = {campaign.campaign_id: campaign for campaign in world.campaigns if campaign.platform == "google_ads"}
    customer = _customer_values(world, customer_id)
    clicks = [
        click
        for click in world.clicks
        if click.platform == "google_ads" and click.account_id == customer_id and click.day == query.first
    ]

    def values(click: Click) -> Values:
        told = {
            "click_view.resource_name": f"customers/{customer_id}/clickViews/{click.day}~{click.click_id}",
            "click_view.gclid": click.click_id,
            "segments.date": click.day.isoformat(),
        }
        return _campaign_values(campaigns[click.campaign_id]) | customer | told

    return clicks, values


RESOURCES: dict[str, Callable[[World, str, Query], Found]] = {
    "customer_client": _accounts_found,
    "campaign": _campaigns_found,
    "ad_group": _parts_found,
    "ad_group_ad": _parts_found,
    "click_view": _clicks_found,
}


def _customer_values(world: World, customer_id: str) -> Values:
    account = next((account for account in _accounts(world) if account.account_id == customer_id), None)
    if account is None:  # the manager has no campaigns
        return {}
    return {
        "customer.resource_name": f"customers/{customer_id}",
        "customer.id": account.account_id,
        "customer.descriptive_name": account.name,
        "customer.currency_code": account.currency,
        "customer.time_zone": account.time_zone,
    }


def _campaign_values(campaign: Campaign) -> Values:
    return {
        "campaign.resource_name": f"customers/{campaign.account_id}/campaigns/{campaign.campaign_id}",
        "campaign.id": campaign.campaign_id,
        "campaign.name": campaign.name,
        "campaign.status": campaign.status,
        "campaign.advertising_channel_type": campaign.kind,
        "campaign.start_date_time": f"{campaign.start_date} 00:00:00",
        "campaign.end_date_time": f"{campaign.end_date} 23:59:59" if campaign.end_date else OPEN_END,
        "campaign_budget.amount_micros": str(int(campaign.daily_budget * MICROS)),
    }


def _rows(query: Query, found: Iterable[Values]) -> list[dict]:
    """The selected values, nested by resource and in camel case; empty and zero ones are left out."""
    places = []
    for field in query.fields:
        resource, *path = field.split(".")
        places.append((field, f"{resource}.resource_name", _camel(resource), [_camel(step) for step in path]))
    rows = []
    for values in found:
        row: dict[str, dict] = {}
        for field, resource_name, resource, (*steps, name) in places:
            nested = row.get(resource)
            if nested is None:
                nested = row[resource] = {"resourceName": values[resource_name]} if values.get(resource_name) else {}
            if value := values.get(field):
                for step in steps:
                    nested = nested.setdefault(step, {})
                nested[name] = value
        rows.append(row)
    return rows


@cache
def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _failure(status: int, kind: str, code: str, message: str, details: dict | None = None) -> Response:
    """A GoogleAdsFailure as its REST front writes it."""
    error = {"errorCode": {kind: code}, "message": message} | ({"details": details} if details else {})
    failure = {
        "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
        "errors": [error],
        "requestId": "kTdb0153IUU--9WyGfXMiQ",
    }
    names = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED"}
    body = {"code": status, "message": HTTPStatus(status).phrase, "status": names[status], "details": [failure]}
    return JSONResponse({"error": body}, status)
