"""Google Analytics 4: sessions a day by channel group, source, medium and campaign.

    SOURCES__GOOGLE_ANALYTICS__PROPERTY_IDS=301234567 python -m ingestion.load google_analytics

The Data API cannot list properties, so PROPERTY_IDS is what configures this source. Attributed key events and revenue
move for about 12 days, so 14 days are pulled again and replaced, property by property.
"""

import json
import time
from collections.abc import Iterable, Iterator
from datetime import date

import dlt
import jwt
import pyarrow as pa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from requests.auth import AuthBase

from ingestion.columns import Field, arrow_table, hints, objects
from ingestion.http import OAuth, VendorClient, google_problem
from ingestion.settings import listed
from ingestion.windows import initial_day, pulled_window, replaced_window, window_pulled

GOOGLE = "https://analyticsdata.googleapis.com"
GOOGLE_TOKENS = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
PAGE_ROWS = 100_000

DIMENSIONS = ("date", "sessionDefaultChannelGroup", "sessionSource", "sessionMedium", "sessionCampaignName")
METRICS = ("sessions", "engagedSessions", "newUsers", "keyEvents", "totalRevenue")
KEY = {
    "property_id": Field("property_id", "text"),
    "date": Field("date", "date"),
    "session_default_channel_group": Field("sessionDefaultChannelGroup", "text"),
    "session_source": Field("sessionSource", "text"),
    "session_medium": Field("sessionMedium", "text"),
    "session_campaign_name": Field("sessionCampaignName", "text"),
}
SESSIONS_DAILY = {
    **KEY,
    "sessions": Field("sessions", "bigint"),
    "engaged_sessions": Field("engagedSessions", "bigint"),
    "new_users": Field("newUsers", "bigint"),
    "key_events": Field("keyEvents", "decimal"),
    "total_revenue": Field("totalRevenue", "decimal"),
    "currency_code": Field("currencyCode", "text"),
    "time_zone": Field("timeZone", "text"),
}


@dlt.source(name="google_analytics", max_table_nesting=0)
def google_analytics(
    until: date,
    since: date | None = None,
    base_url: str = GOOGLE,
    property_ids: str = dlt.config.value,
    access_token: str = "",
    credentials: str = "",
    initial_date: str = "",
    restated_days: int = 14,
) -> Iterable[DltResource]:
    """Sessions, engaged sessions, new users, key events and revenue of each of `property_ids` (comma-separated).

    Authorised by `access_token` or by `credentials`, a service account's JSON key. Days are the property's own, money
    is in its currency; Google's words for what it does not know, such as (not set), are kept.
    """

    @dlt.resource(columns=hints(SESSIONS_DAILY), primary_key=list(KEY), write_disposition="merge")
    def sessions_daily() -> Iterator[object]:
        auth, secrets = _auth(base_url, access_token, credentials), [access_token]
        client = VendorClient("google_analytics", base_url, auth=auth, secrets=secrets, problem=google_problem)
        first, last = pulled_window(since, until, restated_days, initial_day(initial_date, until))

        yield from replaced_window(
            first,
            last,
            listed(property_ids),
            lambda property_id: _sessions(client, property_id, first, last),
            account_column="property_id",
            day_column="date",
        )
        window_pulled(since, until)

    return (sessions_daily,)


class ServiceAccount(OAuth):
    """Tokens for a service account: each is asked for with a claim that the account's private key signs (RFC 7523)."""

    def __init__(self, token_url: str, email: str, private_key: str) -> None:
        super().__init__("google_analytics", token_url, {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"})
        self._claims = {"iss": email, "scope": SCOPE, "aud": token_url}
        self._private_key = private_key

    def form(self) -> dict[str, str]:
        """The grant with a claim of this moment, good for an hour."""
        now = int(time.time())
        claims = self._claims | {"iat": now, "exp": now + 3600}
        return super().form() | {"assertion": jwt.encode(claims, self._private_key, algorithm="RS256")}


def _auth(base_url: str, access_token: str, credentials: str) -> AuthBase:
    """The token itself, or a service account's key, which is exchanged for one. Raises ValueError without either."""
    if access_token:
        return BearerTokenAuth(access_token)
    if not credentials:
        raise ValueError(
            "set SOURCES__GOOGLE_ANALYTICS__ACCESS_TOKEN, or __CREDENTIALS to a service account's JSON key"
        )
    try:
        key = json.loads(credentials)
        email, private_key = key["client_email"], key["private_key"]
        load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError("SOURCES__GOOGLE_ANALYTICS__CREDENTIALS is not the JSON key of a service account") from None
    return ServiceAccount(GOOGLE_TOKENS if base_url == GOOGLE else f"{base_url}/token", email, private_key)


def _sessions(client: VendorClient, property_id: str, first: date, last: date) -> Iterator[pa.Table]:
    """The property's sessions on these days, page by page."""
    request = {
        "dateRanges": [{"startDate": first.isoformat(), "endDate": last.isoformat()}],
        "dimensions": [{"name": name} for name in DIMENSIONS],
        "metrics": [{"name": name} for name in METRICS],
        # Without an order, pages may overlap.
        "orderBys": [{"dimension": {"dimensionName": name}} for name in DIMENSIONS],
        "limit": str(PAGE_ROWS),
    }
    path, where = f"v1beta/properties/{property_id}:runReport", f"google_analytics property {property_id}"
    offset, row_count = 0, 1
    while offset < row_count:
        report = client.post(path, json={**request, "offset": str(offset)}).json()
        of = {"property_id": property_id, **report.get("metadata", {})}
        yield arrow_table([{**of, **row} for row in _rows(report, where)], SESSIONS_DAILY, where)
        offset, row_count = offset + PAGE_ROWS, report.get("rowCount", 0)


def _rows(report: dict, where: str) -> Iterator[dict]:
    """The report's rows by name: Google sends values by position under its headers, days as YYYYMMDD."""
    headers = [*report.get("dimensionHeaders", []), *report.get("metricHeaders", [])]
    names = [header["name"] for header in objects(headers, f"{where}, headers")]
    for row in objects(report.get("rows", []), where):
        values = [cell["value"] for cell in row["dimensionValues"] + row["metricValues"]]
        named = dict(zip(names, values, strict=True))
        yield {**named, "date": f"{named['date'][:4]}-{named['date'][4:6]}-{named['date'][6:]}"}
