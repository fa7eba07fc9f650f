"""Google Analytics Data API v1beta: `runReport` over the company's web days.

Refuses what Google refuses: unknown fields of the request, unknown dimensions and metrics, more than 9 dimensions or 10
metrics, dates in the wrong order, a property the token may not see. It knows the session-scoped fields the company has.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import jwt
from starlette.requests import Request
from starlette.routing import Route

from ingestion.sandbox.answers import JSONResponse
from ingestion.sandbox.world import WebDay

ACCESS_TOKEN = "sandbox-google-analytics-token"
SERVICE_ACCOUNT = "warehouse@sandbox.iam.gserviceaccount.com"
SETTINGS = {"ACCESS_TOKEN": ACCESS_TOKEN, "PROPERTY_IDS": "301234567"}

DIMENSIONS: dict[str, Callable[[WebDay], str]] = {
    "date": lambda row: f"{row.day:%Y%m%d}",
    "sessionDefaultChannelGroup": lambda row: row.channel_group,
    "sessionSource": lambda row: row.source,
    "sessionMedium": lambda row: row.medium,
    "sessionCampaignName": lambda row: row.campaign,
}
METRICS: dict[str, tuple[str, Callable[[WebDay], int | Decimal]]] = {
    "sessions": ("TYPE_INTEGER", lambda row: row.sessions),
    "engagedSessions": ("TYPE_INTEGER", lambda row: row.engaged_sessions),
    "newUsers": ("TYPE_INTEGER", lambda row: row.new_users),
    "keyEvents": ("TYPE_FLOAT", lambda row: row.key_events),
    "totalRevenue": ("TYPE_CURRENCY", lambda row: row.revenue),
}
REQUEST_FIELDS = {
    "dateRanges",
    "dimensions",
    "metrics",
    "limit",
    "offset",
    "keepEmptyRows",
    "returnPropertyQuota",
    "orderBys",
}
MAX_DIMENSIONS, MAX_METRICS = 9, 10
DEFAULT_LIMIT, MAX_LIMIT = 10_000, 250_000


class Refused(Exception):  # noqa: N818 - it is an answer
    """The request is one Google would answer with 400 INVALID_ARGUMENT."""


def _error(code: int, status: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "status": status}}, status_code=code)


def rate_limited(request: Request) -> JSONResponse:
    """429 without any retry hint, as Google answers when the hour's tokens are used up."""
    return _error(
        429,
        "RESOURCE_EXHAUSTED",
        "Exhausted property tokens for a project per hour. These quota tokens will return in under an hour. "
        "To learn more, see https://developers.google.com/analytics/devguides/reporting/data/v1/quotas",
    )


def unauthorized(request: Request) -> JSONResponse:
    """401 for a missing, wrong or expired token."""
    return _error(
        401,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )


async def token(request: Request) -> JSONResponse:
    """POST /token: a service account's signed claim for an access token.

    The sandbox knows no account's key: it reads the claims and leaves the signature unchecked.
    """
    form = await request.form()
    if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return JSONResponse({"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}, 400)
    try:
        claims = jwt.decode(
            form.get("assertion", ""),
            options={"verify_signature": False, "verify_exp": True, "require": ["iss", "scope", "iat", "exp"]},
            audience=str(request.url),
        )
    except jwt.InvalidTokenError as error:
        return JSONResponse({"error": "invalid_grant", "error_description": f"Invalid JWT: {error}"}, 400)
    if claims["iss"] != SERVICE_ACCOUNT or "analytics.readonly" not in claims["scope"]:
        return JSONResponse({"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, 400)
    return JSONResponse({"access_token": ACCESS_TOKEN, "expires_in": 3599, "token_type": "Bearer"})


async def run_report(request: Request) -> JSONResponse:
    """POST /v1beta/properties/{property_id}:runReport"""
    if request.headers.get("authorization") != f"Bearer {ACCESS_TOKEN}":
        return unauthorized(request)
    world, property_id = request.app.state.world, request.path_params["property_id"]
    accounts = {a.account_id: a for a in world.accounts if a.platform == "google_analytics"}
    if property_id not in accounts:
        return _error(
            403,
            "PERMISSION_DENIED",
            "User does not have sufficient permissions for this property. To learn more about Property ID, see "
            "https://developers.google.com/analytics/devguides/reporting/data/v1/property-id.",
        )
    try:
        return JSONResponse(_report(await request.json(), world.web_days, accounts[property_id]))
    except Refused as refused:
        return _error(400, "INVALID_ARGUMENT", str(refused))


def _report(body: dict, web_days: list[WebDay], account) -> dict:
    if unknown := sorted(set(body) - REQUEST_FIELDS):
        raise Refused(f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot find field.')
    dimensions = _names(body, "dimensions", DIMENSIONS, MAX_DIMENSIONS)
    metrics = _names(body, "metrics", METRICS, MAX_METRICS)
    start, end = _dates(body)
    groups: dict[tuple[str, ...], list] = defaultdict(lambda: [0] * len(metrics))
    for row in web_days:
        if row.property_id == account.account_id and start <= row.day <= end:
            totals = groups[tuple(DIMENSIONS[name](row) for name in dimensions)]
            for position, name in enumerate(metrics):
                totals[position] += METRICS[name][1](row)
    rows = sorted(groups.items(), key=lambda group: tuple(group[0][index] for index in _order(body, dimensions)))
    offset = _whole_number(body, "offset", 0)
    limit = min(_whole_number(body, "limit", DEFAULT_LIMIT), MAX_LIMIT)
    report = {
        "dimensionHeaders": [{"name": name} for name in dimensions],
        "metricHeaders": [{"name": name, "type": METRICS[name][0]} for name in metrics],
        "rowCount": len(rows),
        "metadata": {"currencyCode": account.currency, "timeZone": account.time_zone},
        "kind": "analyticsData#runReport",
    }
    if page := rows[offset : offset + limit]:
        report["rows"] = [
            {
                "dimensionValues": [{"value": value} for value in key],
                "metricValues": [{"value": str(value)} for value in totals],
            }
            for key, totals in page
        ]
    if body.get("returnPropertyQuota"):
        report["propertyQuota"] = {"tokensPerDay": {"consumed": 10, "remaining": 199_990}}
    return report


def _names(body: dict, field: str, known: dict, most: int) -> list[str]:
    names = [item["name"] for item in body.get(field, [])]
    if len(names) > most:
        raise Refused(
            f"Requests are limited to {most} {field} within a nested request. This request is for {len(names)} {field}."
        )
    for name in names:
        if name not in known:
            raise Refused(
                f"Field {name} is not a valid {field[:-1]}. For a list of valid dimensions and metrics, see "
                "https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema "
            )
    return names


def _dates(body: dict) -> tuple[date, date]:
    ranges = body.get("dateRanges", [])
    if len(ranges) != 1:
        raise Refused("This sandbox answers exactly one dateRange.")
    try:
        start, end = (date.fromisoformat(ranges[0][bound]) for bound in ("startDate", "endDate"))
    except (KeyError, ValueError):
        raise Refused("Invalid dateRange: startDate and endDate must be dates of the form YYYY-MM-DD.") from None
    if start > end:
        raise Refused(f"Invalid dateRange: startDate {start} is after endDate {end}.")
    return start, end


def _order(body: dict, dimensions: list[str]) -> list[int]:
    """Positions of the dimensions to sort by, the rest after them."""
    wanted = [order["dimension"]["dimensionName"] for order in body.get("orderBys", [])]
    if unknown := set(wanted) - set(dimensions):
        raise Refused(f"OrderBy {min(unknown)} is not a dimension of this request.")
    return [dimensions.index(name) for name in [*wanted, *(name for name in dimensions if name not in wanted)]]


def _whole_number(body: dict, field: str, default: int) -> int:
    """An int64 of Google's JSON: a string of digits, or a number."""
    value = body.get(field, default)
    if not str(value).isdigit():
        raise Refused(f"Invalid value at '{field}' (TYPE_INT64), {value!r}")
    return int(value)


routes = [
    Route("/token", token, methods=["POST"]),
    Route("/v1beta/properties/{property_id}:runReport", run_report, methods=["POST"]),
]
