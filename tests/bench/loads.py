"""Loads over HTTP from the sandbox: our sources, dlt's default load format and DuckDB's `read_json`, side by side."""

import importlib
import json
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import dlt
import duckdb
import requests

from ingestion.sandbox.company import FIRST_NIGHT
from ingestion.sandbox.server import environment, serving
from ingestion.sandbox.world import Account, AdDay, Campaign, MailEvent, Mailing, MailingList, Member, World
from tests.bench.measuring import timed

ROWS = 200_000
AS_OF = FIRST_NIGHT


def large_world() -> World:
    """200,000 campaign days of one ad account and 200,000 opens of 40 mailings."""
    campaigns, days = 400, ROWS // 400
    world = World(1, 1.0, AS_OF)
    world.accounts.append(Account("google_ads", "1000000001", "Bench", "USD", "UTC"))
    world.accounts.append(Account("mailchimp", "bench", "Bench", "USD", "UTC"))
    for number in range(campaigns):
        world.campaigns.append(
            Campaign(
                "google_ads",
                "1000000001",
                str(number + 1),
                f"Campaign {number}",
                "SEARCH",
                "paid_search",
                "ENABLED",
                AS_OF - timedelta(days),
                None,
                Decimal(10),
                "google",
                "cpc",
                f"campaign-{number}",
            )
        )
        for day in range(days):
            world.ad_days.append(
                AdDay(
                    "google_ads",
                    "1000000001",
                    str(number + 1),
                    AS_OF - timedelta(day),
                    1000 + day,
                    900,
                    50 + number,
                    Decimal(f"{number}.{day % 100:02}"),
                    Decimal("1.50"),
                    Decimal("99.00"),
                )
            )
    world.mailing_lists.append(MailingList("list", "Everybody"))
    people = [f"person{number}@example.com" for number in range(ROWS // 40)]
    joined = datetime(2025, 1, 1, tzinfo=UTC)
    world.members.extend(Member("list", email, "A Person", "subscribed", joined, joined) for email in people)
    for number in range(40):
        sent_at = datetime(2026, 6, 1, 9, tzinfo=UTC) + timedelta(hours=number)
        world.mailings.append(
            Mailing(f"m{number}", "list", f"Mailing {number}", "News", "news", sent_at, sent_at, tuple(people))
        )
        for second, email in enumerate(people):
            at = sent_at + timedelta(seconds=second)
            world.mail_events.append(MailEvent(f"m{number}", email, "open", at, "203.0.113.9", None, None, False))
    return world


def _serve(pipe, stop) -> None:
    with serving(large_world()) as url:
        pipe.send(url)
        stop.wait()


@contextmanager
def served() -> Iterator[str]:
    """The large world, served by a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    stop = context.Event()
    process = context.Process(target=_serve, args=(theirs, stop), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        stop.set()
        process.join(timeout=20)


def ad_pages(url: str) -> Iterator[list[dict]]:
    """The report's pages as Google sends them."""
    settings = environment(url)
    grant = {
        "grant_type": "refresh_token",
        "client_id": settings["SOURCES__GOOGLE_ADS__CLIENT_ID"],
        "client_secret": settings["SOURCES__GOOGLE_ADS__CLIENT_SECRET"],
        "refresh_token": settings["SOURCES__GOOGLE_ADS__REFRESH_TOKEN"],
    }
    token = requests.post(f"{url}/google_ads/token", data=grant, timeout=60).json()["access_token"]
    headers = {
        "Authorization": f"Bearer {token}",
        "developer-token": settings["SOURCES__GOOGLE_ADS__DEVELOPER_TOKEN"],
        "login-customer-id": settings.get("SOURCES__GOOGLE_ADS__LOGIN_CUSTOMER_ID", ""),
    }
    query = (
        "SELECT customer.id, customer.currency_code, campaign.id, segments.date, metrics.impressions, metrics.clicks, "
        "metrics.cost_micros, metrics.conversions, metrics.conversions_value FROM campaign "
        f"WHERE segments.date BETWEEN '{AS_OF - timedelta(600)}' AND '{AS_OF}'"
    )
    body = {"query": query}
    while True:
        path = f"{url}/google_ads/v26/customers/1000000001/googleAds:search"
        answer = requests.post(path, json=body, headers=headers, timeout=60)
        answer.raise_for_status()
        yield answer.json()["results"]
        if not (token := answer.json().get("nextPageToken")):
            return
        body["pageToken"] = token


def email_pages(url: str) -> Iterator[list[dict]]:
    """Every mailing's activity, page by page, as Mailchimp sends it."""
    auth = ("any", environment(url)["SOURCES__MAILCHIMP__API_KEY"])
    for number in range(40):
        for offset in range(0, ROWS // 40, 1000):
            path = f"{url}/mailchimp/3.0/reports/m{number}/email-activity?count=1000&offset={offset}"
            answer = requests.get(path, auth=auth, timeout=60)
            answer.raise_for_status()
            yield answer.json()["emails"]


def by_default(name: str, pages: Iterator[list[dict]]) -> None:
    """What a beginner writes: yield the vendor's rows, let dlt find the rest."""
    with tempfile.TemporaryDirectory() as folder:
        destination = dlt.destinations.duckdb(f"{folder}/bench.duckdb")
        pipeline = dlt.pipeline(f"bench_{name}", pipelines_dir=folder, destination=destination, dataset_name="raw")
        pipeline.run(dlt.resource(pages, name=name))


def by_read_json(pages: Iterator[list[dict]]) -> None:
    """The pages as files, read by DuckDB at once."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/bench.duckdb") as connection:
        for number, page in enumerate(pages):
            Path(folder, f"{number:05}.json").write_text(json.dumps(page))
        connection.execute(f"create table pages as from read_json('{folder}/*.json')")


def ours(source: str, table: str) -> tuple[float, float]:
    """Seconds of our source's first load of a table, and of the same load again."""
    function = getattr(importlib.import_module(f"ingestion.sources.{source}"), source)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/{source}.duckdb"
        pipeline = dlt.pipeline(
            source, pipelines_dir=folder, destination=dlt.destinations.duckdb(path), dataset_name="raw"
        )
        os.environ["WAREHOUSE_DIR"] = folder
        first, again = (
            timed(
                lambda: pipeline.run(function(until=AS_OF).with_resources(table), loader_file_format="parquet"),
            )
            for _ in range(2)
        )
        with duckdb.connect(path, read_only=True) as connection:
            rows = connection.execute(f"select count(*) from raw.{table}").fetchone()[0]
    assert rows == ROWS, f"{source} loaded {rows} rows of {ROWS}"
    return first, again


def loads() -> list[dict]:
    """Seconds for each way and feed, and how many times faster ours is than dlt's default."""
    feeds = {"google_ads": ("campaign_daily", ad_pages), "mailchimp": ("email_activity", email_pages)}
    measured = []
    with served() as url:
        os.environ.update(environment(url))
        for source, (table, pages) in feeds.items():
            http_alone = timed(lambda pages=pages: [None for _ in pages(url)])
            first, again = ours(source, table)
            read_json = timed(lambda pages=pages: by_read_json(pages(url)))
            default = timed(lambda table=table, pages=pages: by_default(table, pages(url)))
            measured.append(
                {
                    "feed": f"{source}.{table}",
                    "rows": ROWS,
                    "ours": first,
                    "ours_again": again,
                    "dlt_default": default,
                    "read_json": read_json,
                    "http_alone": http_alone,
                    "times_faster_than_default": default / first,
                }
            )
    return measured
