"""Meta Ads (Facebook and Instagram): accounts, campaigns and daily performance down to the ad.

Daily numbers come from asynchronous insights jobs: ask, wait, fetch. They are restated for 28 days (the longest
attribution window), so those days are pulled again and replaced, account by account.
"""

import json
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import dlt
import pyarrow as pa
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.columns import Field, arrow_table, hints
from ingestion.http import (
    GraphPaginator,
    Problem,
    VendorClient,
    VendorError,
    graph_problem,
    is_too_much_data,
    refuse_unknown,
)
from ingestion.settings import listed
from ingestion.windows import chunks, initial_day, pulled_window, replaced_window, window_pulled

VERSION = "v26.0"
PAGE_ROWS = 500
# Meta refuses a report that is too large, and it is asked for in halves then.
JOB_DAYS = 92
JOB_ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 30
# Without them, deleted and archived campaigns are hidden.
STATUSES = ["ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"]

# Spend and values are in major, budgets in minor units of the account's currency; times are the account's, as text.
ACCOUNTS = {
    "account_id": Field("account_id", "text"),
    "name": Field("name", "text"),
    "currency": Field("currency", "text"),
    "timezone_name": Field("timezone_name", "text"),
    "account_status": Field("account_status", "bigint"),
}
CAMPAIGNS = {
    "account_id": Field("account_id", "text"),
    "campaign_id": Field("id", "text"),
    "name": Field("name", "text"),
    "objective": Field("objective", "text"),
    "status": Field("status", "text"),
    "start_time": Field("start_time", "text"),
    "stop_time": Field("stop_time", "text"),
    "daily_budget": Field("daily_budget", "bigint"),
}
CAMPAIGN_DAILY = {
    "account_id": Field("account_id", "text"),
    "campaign_id": Field("campaign_id", "text"),
    "date_start": Field("date_start", "date"),
    "spend": Field("spend", "decimal", Decimal(0)),
    "impressions": Field("impressions", "bigint", 0),
    "reach": Field("reach", "bigint"),
    "clicks": Field("clicks", "bigint", 0),
    "leads": Field("leads", "decimal", Decimal(0)),
    "purchases": Field("purchases", "decimal", Decimal(0)),
    "purchase_value": Field("purchase_value", "decimal", Decimal(0)),
}
ADSET_DAILY = {"adset_id": Field("adset_id", "text"), "adset_name": Field("adset_name", "text"), **CAMPAIGN_DAILY}
AD_DAILY = {"ad_id": Field("ad_id", "text"), "ad_name": Field("ad_name", "text"), **ADSET_DAILY}
# What insights of each level are asked for.
CAMPAIGN_INSIGHTS = "account_id,campaign_id,spend,impressions,reach,clicks,actions,action_values"
INSIGHTS = {
    "campaign": CAMPAIGN_INSIGHTS,
    "adset": f"adset_id,adset_name,{CAMPAIGN_INSIGHTS}",
    "ad": f"ad_id,ad_name,adset_id,adset_name,{CAMPAIGN_INSIGHTS}",
}


@dlt.source(name="meta_ads", max_table_nesting=0)
def meta_ads(
    until: date,
    since: date | None = None,
    base_url: str = "https://graph.facebook.com",
    access_token: str = dlt.secrets.value,
    account_ids: str = "",
    initial_date: str = "",
    restated_days: int = 28,
    poll_seconds: float = 2.0,
    job_minutes: float = 30.0,
) -> Iterable[DltResource]:
    """The ad accounts the token sees and what happened in them; `account_ids` (comma-separated) narrows them.

    Days are days in the account's time zone. Deleted campaigns are included. An insights job is looked at every
    `poll_seconds`, later less often, for `job_minutes` at most. Unknown accounts and failed jobs raise `VendorError`.
    """
    client = VendorClient(
        "meta_ads", base_url, auth=BearerTokenAuth(access_token), secrets=[access_token], problem=graph_problem
    )

    @cache
    def account_table() -> pa.Table:
        pages = _pages(client, "me/adaccounts", {"fields": _names(ACCOUNTS)})
        return pa.concat_tables(arrow_table(page, ACCOUNTS, "meta_ads accounts") for page in pages)

    def pulled_accounts() -> list[str]:
        visible = account_table()["account_id"].to_pylist()
        asked = [account_id.removeprefix("act_") for account_id in listed(account_ids)]
        refuse_unknown("meta_ads", "ACCOUNT_IDS", asked, visible)
        return asked or visible

    @dlt.resource(columns=hints(ACCOUNTS), primary_key="account_id", write_disposition="merge")
    def accounts() -> Iterator[pa.Table]:
        yield account_table()

    @dlt.resource(columns=hints(CAMPAIGNS), primary_key=["account_id", "campaign_id"], write_disposition="merge")
    def campaigns() -> Iterator[pa.Table]:
        asked = {"fields": _names(CAMPAIGNS), "effective_status": json.dumps(STATUSES)}
        for account_id in pulled_accounts():
            for page in _pages(client, f"act_{account_id}/campaigns", asked):
                yield arrow_table(page, CAMPAIGNS, f"meta_ads campaigns of {account_id}")

    @dlt.resource(
        columns=hints(CAMPAIGN_DAILY),
        primary_key=["account_id", "campaign_id", "date_start"],
        write_disposition="merge",
    )
    def campaign_daily() -> Iterator[object]:
        yield from daily("campaign", CAMPAIGN_DAILY)

    @dlt.resource(
        columns=hints(ADSET_DAILY), primary_key=["account_id", "adset_id", "date_start"], write_disposition="merge"
    )
    def adset_daily() -> Iterator[object]:
        yield from daily("adset", ADSET_DAILY)

    @dlt.resource(columns=hints(AD_DAILY), primary_key=["account_id", "ad_id", "date_start"], write_disposition="merge")
    def ad_daily() -> Iterator[object]:
        yield from daily("ad", AD_DAILY)

    def daily(level: str, fields: dict[str, Field]) -> Iterator[object]:
        first, last = pulled_window(since, until, restated_days, initial_day(initial_date, until))

        def pull(account_id: str) -> Iterator[pa.Table]:
            for start, end in chunks(first, last, JOB_DAYS):
                for page in _insights(client, account_id, level, start, end, poll_seconds, job_minutes):
                    yield arrow_table(page, fields, f"meta_ads {level} days of {account_id}")

        yield from replaced_window(
            first, last, pulled_accounts(), pull, account_column="account_id", day_column="date_start"
        )
        window_pulled(since, until)

    return accounts, campaigns, campaign_daily, adset_daily, ad_daily


def _names(fields: dict[str, Field]) -> str:
    return ",".join(field.path for field in fields.values())


def _pages(client: VendorClient, path: str, asked: dict[str, str]) -> Iterator[list[dict]]:
    params = asked | {"limit": PAGE_ROWS}
    return client.paginate(f"{VERSION}/{path}", params=params, paginator=GraphPaginator(), data_selector="data")


def _insights(
    client: VendorClient, account_id: str, level: str, first: date, last: date, poll_seconds: float, job_minutes: float
) -> Iterator[list[dict]]:
    """Pages of days of campaigns, ad sets or ads; a range that is too much for Meta is asked for in halves."""
    try:
        run_id = _finished_job(client, account_id, level, first, last, poll_seconds, job_minutes)
    except VendorError as error:
        if error.problem.code != "too_much_data" or first == last:
            raise
        middle = first + (last - first) // 2
        for start, end in ((first, middle), (middle + timedelta(days=1), last)):
            yield from _insights(client, account_id, level, start, end, poll_seconds, job_minutes)
        return
    for page in _pages(client, f"{run_id}/insights", {}):
        yield [_with_results(row) for row in page]


def _finished_job(
    client: VendorClient, account_id: str, level: str, first: date, last: date, poll_seconds: float, job_minutes: float
) -> str:
    """The id of an insights job that has completed; a failed or skipped one is started again. Raises `VendorError`."""
    asked = {
        "level": level,
        "time_increment": "1",
        "time_range": json.dumps({"since": first.isoformat(), "until": last.isoformat()}),
        "fields": INSIGHTS[level],
        "filtering": json.dumps([{"field": "campaign.effective_status", "operator": "IN", "value": STATUSES}]),
    }
    for _ in range(JOB_ATTEMPTS):
        run_id = client.post(f"{VERSION}/act_{account_id}/insights", data=asked).json()["report_run_id"]
        run = _ended_run(client, run_id, poll_seconds, job_minutes)
        if run["async_status"] == "Job Completed":
            return run_id
        if is_too_much_data(run.get("error_subcode"), run.get("error_message", "")):
            raise VendorError(f"meta_ads: too much data from {first} to {last}", Problem("", code="too_much_data"))
    reason = f"{run['async_status']}, {run.get('error_message') or 'no reason given'}"
    raise VendorError(
        f"meta_ads: insights of account {account_id} from {first} to {last}: {JOB_ATTEMPTS} jobs did not complete "
        f"({reason}). Run the load again later. Older rows stay.",
        Problem(reason, is_passing=True),
    )


def _ended_run(client: VendorClient, run_id: str, poll_seconds: float, job_minutes: float) -> dict:
    """The job as it is when it has ended, or when it was waited for long enough."""
    deadline = time.monotonic() + 60 * job_minutes
    wait = poll_seconds
    while True:
        run = client.get(f"{VERSION}/{run_id}").json()
        has_ended = run["async_status"] in ("Job Completed", "Job Failed", "Job Skipped")
        if has_ended or time.monotonic() >= deadline:
            return run
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)


def _with_results(row: dict) -> dict:
    """The row with its leads, purchases and their value taken out of Meta's lists of actions."""
    if not isinstance(row, dict):
        return row
    return row | {
        "leads": _action(row, "actions", "lead"),
        "purchases": _action(row, "actions", "purchase"),
        "purchase_value": _action(row, "action_values", "purchase"),
    }


def _action(row: dict, name: str, action_type: str) -> object:
    return next((action.get("value") for action in row.get(name, []) if action.get("action_type") == action_type), None)
