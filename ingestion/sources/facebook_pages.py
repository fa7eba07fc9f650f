"""Facebook pages and their Instagram profiles: daily insights, posts and media.

    SOURCES__FACEBOOK_PAGES__ACCESS_TOKEN=... python -m ingestion.load facebook_pages

Days are days in Pacific time. Meta tells them up to two days late and corrects them: 7 days are pulled again and
replaced. A post's counters never stop moving, so a night pulls all posts since the initial date.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import chain
from zoneinfo import ZoneInfo

import dlt
import pyarrow as pa
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.columns import Field, arrow_table, hints, objects
from ingestion.http import GraphPaginator, VendorClient, graph_problem, refuse_unknown
from ingestion.settings import listed
from ingestion.windows import chunks, days, initial_day, pulled_window, replaced_window, whole_list, window_pulled

VERSION = "v26.0"
PACIFIC = ZoneInfo("America/Los_Angeles")
PAGE_ROWS = 100
# Meta allows 90 and 30 days of seconds a call; the day that clocks go back is longer.
PAGE_DAYS, PROFILE_DAYS = 89, 29

PAGES = {
    "page_id": Field("id", "text"),
    "name": Field("name", "text"),
    "instagram_id": Field("instagram_business_account.id", "text"),
    "instagram_username": Field("instagram_business_account.username", "text"),
}
PAGE_METRICS = (
    "page_media_view",
    "page_total_media_view_unique",
    "page_post_engagements",
    "page_follows",
    "page_daily_follows_unique",
    "page_views_total",
)
PAGE_DAILY = {
    "page_id": Field("page_id", "text"),
    "date": Field("date", "date"),
    **{name: Field(name, "bigint") for name in PAGE_METRICS},
}
INSTAGRAM_DAILY = {
    "page_id": Field("page_id", "text"),
    "instagram_id": Field("instagram_id", "text"),
    "date": Field("date", "date"),
    "reach": Field("reach", "bigint"),
    "views": Field("views", "bigint"),
    "total_interactions": Field("total_interactions", "bigint"),
    "follows": Field("follows", "bigint"),
}
POST_METRICS = ("post_media_view", "post_total_media_view_unique", "post_clicks")
POSTS = {
    "page_id": Field("page_id", "text"),
    "post_id": Field("id", "text"),
    "created_time": Field("created_time", "timestamp"),
    "message": Field("message", "text"),
    "permalink_url": Field("permalink_url", "text"),
    "shares": Field("shares.count", "bigint", 0),
    "comments": Field("comments.summary.total_count", "bigint"),
    "reactions": Field("reactions.summary.total_count", "bigint"),
    **{name: Field(f"metrics.{name}", "bigint") for name in POST_METRICS},
}
MEDIA_METRICS = ("views", "reach", "shares", "saved")
MEDIA = {
    "page_id": Field("page_id", "text"),
    "instagram_id": Field("instagram_id", "text"),
    "media_id": Field("id", "text"),
    "timestamp": Field("timestamp", "timestamp"),
    "caption": Field("caption", "text"),
    "permalink": Field("permalink", "text"),
    "like_count": Field("like_count", "bigint"),
    "comments_count": Field("comments_count", "bigint"),
    **{name: Field(f"metrics.{name}", "bigint") for name in MEDIA_METRICS},
}
POST_FIELDS = (
    "id,created_time,message,permalink_url,shares,comments.limit(0).summary(true),reactions.limit(0).summary(true),"
    f"insights.metric({','.join(POST_METRICS)})"
)
MEDIA_FIELDS = f"id,timestamp,caption,permalink,like_count,comments_count,insights.metric({','.join(MEDIA_METRICS)})"

# What a page has, from a day to a day, both included.
Pull = Callable[[VendorClient, dict, date, date], Iterable[pa.Table]]


@dlt.source(name="facebook_pages", max_table_nesting=0)
def facebook_pages(
    until: date,
    since: date | None = None,
    base_url: str = "https://graph.facebook.com",
    access_token: str = dlt.secrets.value,
    page_ids: str = "",
    initial_date: str = "",
    restated_days: int = 7,
) -> Iterable[DltResource]:
    """Pages and their Instagram profiles: all that the token may see, or the comma-separated `page_ids`.

    Unknown ones raise `VendorError`. What Meta has not told is null or no row, never 0. Counters of posts and media are
    those of their whole life.
    """
    client = VendorClient("facebook_pages", f"{base_url}/{VERSION}", secrets=[access_token], problem=graph_problem)

    @cache
    def known_pages() -> dict[str, dict]:
        """The pages by id, each with its own token: insights are refused to any other."""
        fields = "id,name,access_token,instagram_business_account{id,username}"
        told = _edge(client, "me/accounts", access_token, fields=fields)
        pages = {page["id"]: page for of_page in told for page in of_page}
        asked = listed(page_ids)
        refuse_unknown("facebook_pages", "PAGE_IDS", asked, pages)
        return {page_id: pages[page_id] for page_id in asked or pages}

    def replaced(first: date, day_column: str, pull: Pull) -> Iterator[object]:
        """What `pull` gives for each page from `first` on, in place of what raw has on these days."""
        pages = known_pages()
        yield from replaced_window(
            first,
            until,
            list(pages),
            lambda page_id: pull(client, pages[page_id], first, until),
            account_column="page_id",
            day_column=day_column,
        )

    def restated(pull: Pull) -> Iterator[object]:
        """The same for the days that Meta may have told or corrected since the last night."""
        first, _ = pulled_window(since, until, restated_days, initial_day(initial_date, until))
        yield from replaced(first, "date", pull)
        window_pulled(since, until)

    def first_post_day() -> date:
        """A backfill moves it only further back: a night pulls all posts too."""
        initial = initial_day(initial_date, until)
        return min(since or initial, initial)

    @dlt.resource(columns=hints(PAGES), primary_key="page_id", write_disposition="replace")
    def pages() -> Iterator[pa.Table]:
        yield from whole_list([arrow_table(list(known_pages().values()), PAGES, "facebook_pages pages")])

    @dlt.resource(columns=hints(PAGE_DAILY), primary_key=("page_id", "date"), write_disposition="merge")
    def page_daily() -> Iterator[object]:
        yield from restated(_page_days)

    @dlt.resource(columns=hints(INSTAGRAM_DAILY), primary_key=("instagram_id", "date"), write_disposition="merge")
    def instagram_daily() -> Iterator[object]:
        yield from restated(_profile_days)

    @dlt.resource(columns=hints(POSTS), primary_key="post_id", write_disposition="merge")
    def posts() -> Iterator[object]:
        yield from replaced(first_post_day(), "cast(created_time as date)", _posts)

    @dlt.resource(columns=hints(MEDIA), primary_key="media_id", write_disposition="merge")
    def media() -> Iterator[object]:
        yield from replaced(first_post_day(), "cast(timestamp as date)", _media)

    return pages, page_daily, instagram_daily, posts, media


def _edge(client: VendorClient, path: str, token: str, **params: object) -> Iterator[list[dict]]:
    """An edge's pages."""
    params = {"limit": PAGE_ROWS, **params}
    auth, paginator = BearerTokenAuth(token), GraphPaginator()
    for page in client.paginate(path, params=params, auth=auth, paginator=paginator, data_selector="data"):
        yield objects(page, f"facebook_pages {path}")


def _insights(client: VendorClient, node: str, token: str, metrics: Iterable[str], **params: object) -> list[dict]:
    """The metrics that Meta has told. `paging.next` leads on for ever and is not followed."""
    params = {"metric": ",".join(metrics), "period": "day", **params}
    told = client.get(f"{node}/insights", params=params, auth=BearerTokenAuth(token)).json()["data"]
    return objects(told, f"facebook_pages {node}/insights")


def _between(first: date, last: date, zone: ZoneInfo) -> dict[str, int]:
    """The days, both included, as Meta's bounds: from the first's beginning to the moment the last is over."""
    begin, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return {"since": int(begin.timestamp()), "until": int(end.timestamp())}


def _by_day(series: list[dict], first: date, last: date) -> dict[date, dict[str, int]]:
    """Each day's metrics. A value carries the end of its day in Pacific time: it belongs to the day before."""
    days: dict[date, dict[str, int]] = defaultdict(dict)
    for metric in series:
        for value in metric["values"]:
            ended = datetime.strptime(value["end_time"], "%Y-%m-%dT%H:%M:%S%z").astimezone(PACIFIC)
            day = ended.date() - timedelta(days=1)
            if first <= day <= last:
                days[day][metric["name"]] = value["value"]
    return days


def _page_days(client: VendorClient, page: dict, first: date, last: date) -> Iterator[pa.Table]:
    for begin, end in chunks(first, last, PAGE_DAYS):
        bounds = _between(begin, end, PACIFIC)
        told = _by_day(_insights(client, page["id"], page["access_token"], PAGE_METRICS, **bounds), begin, end)
        rows = [{"page_id": page["id"], "date": day, **metrics} for day, metrics in told.items()]
        yield arrow_table(rows, PAGE_DAILY, f"facebook_pages insights of page {page['id']}")


def _profile_days(client: VendorClient, page: dict, first: date, last: date) -> Iterator[pa.Table]:
    """Reach comes as a series; everything else only as the total of what was asked for, so it is asked day by day."""
    profile = page.get("instagram_business_account")
    if not profile:
        return
    node, token = profile["id"], page["access_token"]
    for begin, end in chunks(first, last, PROFILE_DAYS):
        told = _by_day(_insights(client, node, token, ["reach"], **_between(begin, end, PACIFIC)), begin, end)
        for day in days(begin, end):
            bounds = {"metric_type": "total_value", **_between(day, day, PACIFIC)}
            totals = _insights(client, node, token, ["views", "total_interactions"], **bounds)
            totals += _insights(client, node, token, ["follows_and_unfollows"], breakdown="follow_type", **bounds)
            for name, value in chain.from_iterable(map(_total, totals)):
                told[day][name] = value
        rows = [{"page_id": page["id"], "instagram_id": node, "date": day, **told[day]} for day in sorted(told)]
        yield arrow_table(rows, INSTAGRAM_DAILY, f"facebook_pages insights of Instagram profile {node}")


def _total(metric: dict) -> Iterator[tuple[str, int]]:
    """A metric's name and value; of follows and unfollows the follows."""
    total = metric["total_value"]
    if "value" in total:
        yield metric["name"], total["value"]
    for breakdown in total.get("breakdowns", []):
        for result in breakdown["results"]:
            if result["dimension_values"] == ["FOLLOWER"]:
                yield "follows", result["value"]


def _posts(client: VendorClient, page: dict, first: date, last: date) -> Iterator[pa.Table]:
    bounds = _between(first, last, UTC)
    for told in _edge(client, f"{page['id']}/posts", page["access_token"], fields=POST_FIELDS, **bounds):
        rows = [{**post, "page_id": page["id"], "metrics": _lifetime(post)} for post in told]
        yield arrow_table(rows, POSTS, f"facebook_pages posts of page {page['id']}")


def _media(client: VendorClient, page: dict, first: date, last: date) -> Iterator[pa.Table]:
    profile = page.get("instagram_business_account")
    if not profile:
        return
    of = {"page_id": page["id"], "instagram_id": profile["id"]}
    bounds = _between(first, last, UTC)
    for told in _edge(client, f"{profile['id']}/media", page["access_token"], fields=MEDIA_FIELDS, **bounds):
        rows = [{**medium, **of, "metrics": _lifetime(medium)} for medium in told]
        yield arrow_table(rows, MEDIA, f"facebook_pages media of Instagram profile {profile['id']}")


def _lifetime(item: dict) -> dict[str, int]:
    """The post's or medium's own insights; none where it has none yet."""
    told = item.get("insights", {}).get("data", [])
    return {metric["name"]: metric["values"][0]["value"] for metric in told if metric["values"]}
