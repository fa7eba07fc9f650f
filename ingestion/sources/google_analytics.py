"""Google Analytics 4: sessions a day by channel group, source, medium and campaign.

    SOURCES__GOOGLE_ANALYTICS__PROPERTY_IDS='["301234567"]' python -m ingestion.load google_analytics

The Data API cannot list properties, so PROPERTY_IDS is what configures this source. Attributed key events and revenue
move for about 12 days, so 14 days are pulled again and replaced, property by property.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import dlt
import pyarrow as pa
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth, OAuthJWTAuth
from requests.auth import AuthBase

from ingestion.columns import Field, arrow_table, hints
from ingestion.http import VendorClient, google_problem
from ingestion.windows import pulled_window, replaced_window, window_pulled

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
    property_ids: list[str] = dlt.config.value,
    access_token: str | None = None,
    credentials: str | None = None,
    initial_date: str | None = None,
    restated_days: int = 14,
) -> Iterable[DltResource]:
    """Sessions, engaged sessions, new users, key events and revenue of each property.

    Authorised by `access_token` or by `credentials`, a service account's JSON key. Days are the property's own, money
    is in its currency; Google's words for what it does not know, such as (not set), are kept.
    """

    @dlt.resource(columns=hints(SESSIONS_DAILY), primary_key=list(KEY), write_disposition="merge")
    def sessions_daily() -> Iterator[object]:
        auth, secrets = _auth(base_url, access_token, credentials), [access_token or ""]
        client = VendorClient("google_analytics", base_url, auth=auth, secrets=secrets, problem=google_problem)
        start = date.fromisoformat(initial_date) if initial_date else until - timedelta(days=730)
        first, last = pulled_window(since, until, restated_days, start)

        def pulled(property_id: str) -> Iterator[pa.Table]:
            for report in _reports(client, property_id, first, last):
                yield arrow_table(
                    _rows(report, property_id), SESSIONS_DAILY, f"google_analytics property {property_id}"
                )

        yield from replaced_window(first, last, property_ids, pulled, account_column="property_id", day_column="date")
        window_pulled(since, last)

    return (sessions_daily,)


def _auth(base_url: str, access_token: str | None, credentials: str | None) -> AuthBase:
    """The token itself, or a service account's key, which is exchanged for one. Raises ValueError without either."""
    if access_token:
        return BearerTokenAuth(access_token)
    if not credentials:
        raise ValueError(
            "set SOURCES__GOOGLE_ANALYTICS__ACCESS_TOKEN, or __CREDENTIALS to a service account's JSON key"
        )
    try:
        key = json.loads(credentials)
        client_id, private_key = key["client_email"], key["private_key"]
    except (ValueError, TypeError, KeyError):
        raise ValueError("SOURCES__GOOGLE_ANALYTICS__CREDENTIALS is not the JSON key of a service account") from None
    token_url = GOOGLE_TOKENS if base_url == GOOGLE else f"{base_url}/token"
    return OAuthJWTAuth(client_id=client_id, private_key=private_key, auth_endpoint=token_url, scopes=[SCOPE])


def _reports(client: VendorClient, property_id: str, first: date, last: date) -> Iterator[dict]:
    """The property's report on these days, page by page."""
    request = {
        "dateRanges": [{"startDate": first.isoformat(), "endDate": last.isoformat()}],
        "dimensions": [{"name": name} for name in DIMENSIONS],
        "metrics": [{"name": name} for name in METRICS],
        # Without an order, pages may overlap.
        "orderBys": [{"dimension": {"dimensionName": name}} for name in DIMENSIONS],
        "limit": str(PAGE_ROWS),
    }
    offset, row_count = 0, 1
    while offset < row_count:
        path = f"v1beta/properties/{property_id}:runReport"
        report = client.post(path, json={**request, "offset": str(offset)}).json()
        yield report
        offset, row_count = offset + PAGE_ROWS, report.get("rowCount", 0)


def _rows(report: dict, property_id: str) -> list[dict]:
    """The report's rows by name: Google sends values as text, by position under its headers."""
    headers = [*report.get("dimensionHeaders", []), *report.get("metricHeaders", [])]
    names = [header["name"] for header in headers]
    metadata = report.get("metadata", {})
    of = {"property_id": property_id, **{name: metadata.get(name) for name in ("currencyCode", "timeZone")}}
    rows = [
        {
            **of,
            **dict(zip(names, (cell["value"] for cell in row["dimensionValues"] + row["metricValues"]), strict=True)),
        }
        for row in report.get("rows", [])
    ]
    for row in rows:
        row["date"] = f"{row['date'][:4]}-{row['date'][4:6]}-{row['date'][6:]}"
    return rows
