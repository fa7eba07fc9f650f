"""Google Ads: accounts, campaigns, daily performance down to the ad, and which campaign each click id belongs to.

Daily numbers are restated for 30 days (conversions count on the day of the click), so those days are pulled again and
replaced, account by account. Google tells clicks one day a query and for 90 days only.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache

import dlt
import pyarrow as pa
from dlt.common.json import json
from dlt.extract import DltResource

from ingestion.columns import Field, arrow_table, hints
from ingestion.http import OAuth, VendorClient, VendorError, google_problem, refuse_unknown
from ingestion.settings import listed
from ingestion.windows import days, initial_day, pulled_window, replaced_window, window_pulled

GOOGLE = "https://googleads.googleapis.com"
GOOGLE_TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
VERSION = "v26"
CLICK_DAYS = 90

# Ids are int64, money is in micros of the account's currency, days and times are the account's, as text.
ACCOUNTS = {
    "customer_id": Field("customerClient.id", "bigint"),
    "descriptive_name": Field("customerClient.descriptiveName", "text"),
    "currency_code": Field("customerClient.currencyCode", "text"),
    "time_zone": Field("customerClient.timeZone", "text"),
    "manager": Field("customerClient.manager", "bool", False),
    "level": Field("customerClient.level", "bigint", 0),
    "status": Field("customerClient.status", "text"),
}
CAMPAIGNS = {
    "customer_id": Field("customer.id", "bigint"),
    "campaign_id": Field("campaign.id", "bigint"),
    "name": Field("campaign.name", "text"),
    "status": Field("campaign.status", "text"),
    "advertising_channel_type": Field("campaign.advertisingChannelType", "text"),
    "start_date_time": Field("campaign.startDateTime", "text"),
    "end_date_time": Field("campaign.endDateTime", "text"),
}
CAMPAIGN_DAILY = {
    "customer_id": Field("customer.id", "bigint"),
    "campaign_id": Field("campaign.id", "bigint"),
    "segments_date": Field("segments.date", "date"),
    "cost_micros": Field("metrics.costMicros", "bigint", 0),
    "impressions": Field("metrics.impressions", "bigint", 0),
    "clicks": Field("metrics.clicks", "bigint", 0),
    "conversions": Field("metrics.conversions", "double", 0.0),
    "conversions_value": Field("metrics.conversionsValue", "double", 0.0),
}
AD_GROUP_DAILY = {
    "ad_group_id": Field("adGroup.id", "bigint"),
    "ad_group_name": Field("adGroup.name", "text"),
    **CAMPAIGN_DAILY,
}
AD_DAILY = {
    "ad_id": Field("adGroupAd.ad.id", "bigint"),
    "ad_name": Field("adGroupAd.ad.name", "text"),
    **AD_GROUP_DAILY,
}
CLICKS = {
    "customer_id": Field("customer.id", "bigint"),
    "campaign_id": Field("campaign.id", "bigint"),
    "segments_date": Field("segments.date", "date"),
    "gclid": Field("clickView.gclid", "text"),
}


@dlt.source(name="google_ads", max_table_nesting=0)
def google_ads(
    until: date,
    since: date | None = None,
    base_url: str = GOOGLE,
    developer_token: str = dlt.secrets.value,
    client_id: str = dlt.secrets.value,
    client_secret: str = dlt.secrets.value,
    refresh_token: str = dlt.secrets.value,
    login_customer_id: str = "",
    customer_ids: str = "",
    initial_date: str = "",
    restated_days: int = 30,
    restated_click_days: int = 3,
) -> Iterable[DltResource]:
    """The accounts below the manager `login_customer_id` (without it: all accessible ones) and what happened in them.

    `customer_ids` (comma-separated) narrows them; unknown ones raise `VendorError`. Money arrives in micros of the
    account's currency and is kept so; days are days in the account's time zone. Removed campaigns are included.
    """
    client = _client(base_url, developer_token, client_id, client_secret, refresh_token, login_customer_id)

    @cache
    def account_tree() -> pa.Table:
        roots = [_digits(login_customer_id)] if login_customer_id else _accessible_customers(client)
        pages = [page for root in roots for page in _search(client, root, "customer_client", ACCOUNTS)]
        return pa.concat_tables([arrow_table([], ACCOUNTS, "google_ads"), *pages])

    def customers() -> list[str]:
        """The accounts asked for, else all that are open and no managers: those can have campaigns."""
        tree = {str(account["customer_id"]): account for account in account_tree().to_pylist()}
        asked = [_digits(customer_id) for customer_id in listed(customer_ids)]
        refuse_unknown("google_ads", "CUSTOMER_IDS", asked, tree)
        return asked or [
            id_ for id_, account in tree.items() if account["status"] == "ENABLED" and not account["manager"]
        ]

    @dlt.resource(columns=hints(ACCOUNTS), primary_key="customer_id", write_disposition="merge")
    def accounts() -> Iterator[pa.Table]:
        yield account_tree()

    @dlt.resource(columns=hints(CAMPAIGNS), primary_key=["customer_id", "campaign_id"], write_disposition="merge")
    def campaigns() -> Iterator[pa.Table]:
        for customer_id in customers():
            yield from _search(client, customer_id, "campaign", CAMPAIGNS)

    @dlt.resource(
        columns=hints(CAMPAIGN_DAILY),
        primary_key=["customer_id", "campaign_id", "segments_date"],
        write_disposition="merge",
    )
    def campaign_daily() -> Iterator[object]:
        yield from daily("campaign", CAMPAIGN_DAILY)

    # Performance Max campaigns have no ad groups.
    @dlt.resource(
        columns=hints(AD_GROUP_DAILY),
        primary_key=["customer_id", "ad_group_id", "segments_date"],
        write_disposition="merge",
    )
    def ad_group_daily() -> Iterator[object]:
        yield from daily("ad_group", AD_GROUP_DAILY)

    @dlt.resource(
        columns=hints(AD_DAILY),
        primary_key=["customer_id", "ad_group_id", "ad_id", "segments_date"],
        write_disposition="merge",
    )
    def ad_daily() -> Iterator[object]:
        yield from daily("ad_group_ad", AD_DAILY)

    def daily(reported: str, fields: dict[str, Field]) -> Iterator[object]:
        first, last = pulled_window(since, until, restated_days, initial_day(initial_date, until))
        yield from replaced_window(
            first,
            last,
            customers(),
            lambda customer_id: _search(client, customer_id, reported, fields, first, last),
            account_column="customer_id",
            day_column="segments_date",
        )
        window_pulled(since, until)

    @dlt.resource(columns=hints(CLICKS), primary_key=["customer_id", "gclid"], write_disposition="merge")
    def clicks() -> Iterator[object]:
        def pull(customer_id: str) -> Iterator[pa.Table]:
            for day in days(first, last):
                yield from _search(client, customer_id, "click_view", CLICKS, day, day)

        oldest_told = until - timedelta(days=CLICK_DAYS)
        first, last = pulled_window(since, until, restated_click_days, oldest_told)
        first = _first_told_day(client, customers(), max(first, oldest_told), last)
        yield from replaced_window(
            first, last, customers(), pull, account_column="customer_id", day_column="segments_date"
        )
        window_pulled(since, until)

    return accounts, campaigns, campaign_daily, ad_group_daily, ad_daily, clicks


def _client(
    base_url: str, developer_token: str, client_id: str, client_secret: str, refresh_token: str, login_customer_id: str
) -> VendorClient:
    token_url = GOOGLE_TOKEN if base_url == GOOGLE else f"{base_url}/token"
    grant = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
    }
    headers = {"developer-token": developer_token}
    if login_customer_id:
        headers["login-customer-id"] = _digits(login_customer_id)
    return VendorClient(
        "google_ads",
        base_url,
        auth=OAuth("google_ads", token_url, grant),
        headers=headers,
        secrets=[developer_token, client_secret, refresh_token],
        problem=google_problem,
    )


def _digits(customer_id: str) -> str:
    """A customer id as the API wants it: people write 123-456-7890."""
    return customer_id.replace("-", "")


def _accessible_customers(client: VendorClient) -> list[str]:
    names = client.get(f"{VERSION}/customers:listAccessibleCustomers").json().get("resourceNames", [])
    return [name.removeprefix("customers/") for name in names]


def _search(
    client: VendorClient,
    customer_id: str,
    resource: str,
    fields: dict[str, Field],
    first: date | None = None,
    last: date | None = None,
) -> Iterator[pa.Table]:
    """The fields of a resource in an account, from `first` to `last` if it is a report; a table a page."""
    names = ", ".join(_snake(field.path) for field in fields.values())
    days_asked = f" WHERE segments.date BETWEEN '{first}' AND '{last}'" if first else ""
    body = {"query": f"SELECT {names} FROM {resource}{days_asked}"}
    while True:
        # Pages are large: dlt's JSON reader is several times faster than the response's own.
        answer = json.loadb(client.post(f"{VERSION}/customers/{customer_id}/googleAds:search", json=body).content)
        yield arrow_table(answer.get("results", []), fields, f"google_ads {resource} of {customer_id}")
        if not answer.get("nextPageToken"):
            return
        body["pageToken"] = answer["nextPageToken"]


def _first_told_day(client: VendorClient, customer_ids: list[str], first: date, last: date) -> date:
    """The first day whose clicks Google still tells; the day after `last` if it tells none."""
    for day in days(first, last):
        try:
            for customer_id in customer_ids[:1]:
                list(_search(client, customer_id, "click_view", CLICKS, day, day))
        except VendorError as error:
            if error.problem.code != "DATE_TOO_OLD":
                raise
        else:
            return day
    return last + timedelta(days=1)


def _snake(path: str) -> str:
    """`customerClient.currencyCode` as GAQL spells it: customer_client.currency_code."""
    return re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), path)
