"""Facebook pages and Instagram against the sandbox: real HTTP, real DuckDB."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import requests

from ingestion.load import LoadError, load
from ingestion.sandbox.vendors.facebook_pages import ACCESS_TOKEN, page_token
from ingestion.sandbox.world import Page, Post, SocialDay, World

AS_OF = date(2026, 6, 30)
TABLES = ("pages", "page_daily", "instagram_daily", "posts", "media")
PAGE = Page("102", "Example GmbH", "1784", "example_gmbh")
SECOND_PAGE = Page("103", "Example, the shop", "", "")


def days(
    platform: str, first_age: int, last_age: int, page_id: str = PAGE.page_id, **changes: object
) -> list[SocialDay]:
    """Each day from `first_age` to `last_age` days before AS_OF, its views telling the day of the month."""
    ages = range(first_age, last_age - 1, -1)
    told = {"reach": 90, "engagements": 12, "followers": 1500, "new_followers": 4, "profile_views": 30, **changes}
    return [
        SocialDay(platform, page_id, day, **{"views": 1000 + day.day, **told})
        for day in (AS_OF - timedelta(days=age) for age in ages)
    ]


def post(platform: str, post_id: str, age: int, **changes: object) -> Post:
    """A post published `age` days before AS_OF, late in the evening."""
    created_at = datetime(2026, 6, 30, 23, 30, tzinfo=UTC) - timedelta(days=age)
    counters = {"views": 500, "reach": 400, "clicks": 20, "likes": 15, "comments": 3, "shares": 2, "saves": 1}
    what = {"message": "Neu: مرحبا 🎉", "permalink": f"https://example.com/{post_id}", **counters, **changes}
    return Post(platform, PAGE.page_id, post_id, created_at, **what)


COMPANY = World(
    seed=1,
    scale=1,
    as_of=AS_OF,
    pages=[PAGE, SECOND_PAGE],
    social_days=[
        *days("facebook", 120, 0),
        *days("facebook", 5, 0, page_id=SECOND_PAGE.page_id),
        *days("instagram", 40, 2),
    ],
    posts=[
        *(post("facebook", f"102_{age}", age) for age in (0, 3, 40, 55)),
        *(post("instagram", f"m{age}", age) for age in (1, 50)),
    ],
)


@pytest.fixture(autouse=True)
def initial_date(monkeypatch):
    """Instagram is asked day by day: two months are enough."""
    monkeypatch.setenv("SOURCES__FACEBOOK_PAGES__INITIAL_DATE", "2026-05-01")


def everything(raw) -> dict[str, list[dict]]:
    """All raw tables."""
    return {table: raw("facebook_pages", table) for table in TABLES}


def test_second_load_adds_no_rows(sandbox, raw):
    with sandbox(COMPANY):
        load("facebook_pages", AS_OF)
        first = everything(raw)
        load("facebook_pages", AS_OF)
    assert {table: len(rows) for table, rows in first.items()} == {
        "pages": 2,
        "page_daily": 67,
        "instagram_daily": 39,
        "posts": 4,
        "media": 2,
    }
    assert everything(raw) == first


def test_backfill_in_chunks_equals_one_night(sandbox, raw, monkeypatch, tmp_path):
    with sandbox(COMPANY):
        load("facebook_pages", AS_OF)
        night = everything(raw)
        monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "backfilled"))
        for since, until in ((60, 31), (30, 8), (7, 0)):
            load("facebook_pages", AS_OF - timedelta(days=until), since=AS_OF - timedelta(days=since))
    assert everything(raw) == night


def test_a_value_belongs_to_the_day_that_its_end_time_ends(sandbox, raw):
    spring = replace(COMPANY, social_days=days("facebook", 120, 100) + days("instagram", 120, 100))
    with sandbox(spring):  # 8 March 2026 has 23 hours in Pacific time
        load("facebook_pages", AS_OF, since=date(2026, 3, 1))
    for table, views in (("page_daily", "page_media_view"), ("instagram_daily", "views")):
        told = {row["date"]: row[views] for row in raw("facebook_pages", table)}
        assert told == {row.day: 1000 + row.day.day for row in spring.social_days}


def test_restated_days_follow_the_vendor_and_older_days_stay(sandbox, raw):
    with sandbox(COMPANY):
        load("facebook_pages", AS_OF)
    later = replace(
        COMPANY,
        social_days=days("facebook", 120, 4, views=7) + days("facebook", 2, -1, views=7) + days("instagram", 40, -1),
        posts=[post("facebook", "102_40", 40, likes=999)],
    )
    with sandbox(later):
        load("facebook_pages", AS_OF + timedelta(days=1))
    views = {row["date"]: row["page_media_view"] for row in raw("facebook_pages", "page_daily")}
    assert AS_OF - timedelta(days=3) not in views
    assert views[AS_OF - timedelta(days=7)] == 7
    assert views[AS_OF - timedelta(days=8)] == 1000 + 22
    assert len(raw("facebook_pages", "instagram_daily")) == 42
    assert [(row["post_id"], row["reactions"]) for row in raw("facebook_pages", "posts")] == [("102_40", 999)]
    assert raw("facebook_pages", "media") == []


def test_what_meta_has_not_told_is_null_or_no_row_and_never_0(sandbox, raw):
    untold = days("instagram", 1, 1, views=None, reach=None, engagements=None, new_followers=None)
    partly = days("instagram", 2, 2, reach=None, new_followers=None, engagements=0)
    with sandbox(replace(COMPANY, social_days=untold + partly)):
        load("facebook_pages", AS_OF, since=AS_OF - timedelta(days=5))
    rows = raw("facebook_pages", "instagram_daily")
    assert [(row["date"], row["views"], row["reach"], row["total_interactions"], row["follows"]) for row in rows] == [
        (date(2026, 6, 28), 1028, None, 0, None)
    ]


def test_every_page_of_posts_arrives_once(sandbox, raw, monkeypatch):
    monkeypatch.setattr("ingestion.sources.facebook_pages.PAGE_ROWS", 1)
    with sandbox(COMPANY):
        load("facebook_pages", AS_OF)
    assert len(raw("facebook_pages", "pages")) == 2
    assert [row["post_id"] for row in raw("facebook_pages", "posts")] == ["102_0", "102_3", "102_40", "102_55"]


def test_unconfigured_source_has_empty_declared_tables(raw, monkeypatch):
    monkeypatch.delenv("SOURCES__FACEBOOK_PAGES__ACCESS_TOKEN", raising=False)
    outcome = load("facebook_pages", AS_OF)
    assert outcome.missing_settings == ("SOURCES__FACEBOOK_PAGES__ACCESS_TOKEN",)
    assert everything(raw) == {table: [] for table in TABLES}


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        ("ACCESS_TOKEN", "stolen-secret-token", "Session has expired"),
        ("PAGE_IDS", "102, 555", "no such account: 555. The credentials see 102, 103"),
    ],
)
def test_wrong_settings_are_one_clear_line_without_the_secret(sandbox, monkeypatch, setting, value, complaint):
    with sandbox(COMPANY):
        monkeypatch.setenv(f"SOURCES__FACEBOOK_PAGES__{setting}", value)
        with pytest.raises(LoadError, match=complaint) as error:
            load("facebook_pages", AS_OF)
    assert "\n" not in str(error.value)
    assert "token-" not in str(error.value)
    assert "secret" not in str(error.value)


def test_a_token_that_sees_no_page_any_more_empties_nothing(sandbox, raw):
    with sandbox(COMPANY):
        load("facebook_pages", AS_OF)
    before = everything(raw)
    with (
        sandbox(replace(COMPANY, pages=[])),
        pytest.raises(LoadError, match="pages: the vendor answers 0 rows where raw has 2"),
    ):
        load("facebook_pages", AS_OF)
    assert everything(raw) == before


def test_page_ids_choose_the_pages(sandbox, raw, monkeypatch):
    with sandbox(COMPANY):
        monkeypatch.setenv("SOURCES__FACEBOOK_PAGES__PAGE_IDS", "103")
        load("facebook_pages", AS_OF)
    assert [row["page_id"] for row in raw("facebook_pages", "pages")] == ["103"]
    assert {row["page_id"] for row in raw("facebook_pages", "page_daily")} == {"103"}


def test_rate_limit_is_waited_out(sandbox, raw):
    with sandbox(COMPANY) as url:
        fault = {"vendor": "facebook_pages", "fault": "rate_limited", "times": 3}
        requests.post(f"{url}/control/faults", json=fault, timeout=5)
        load("facebook_pages", AS_OF, since=AS_OF - timedelta(days=3))
    asked = [row for row in raw("facebook_pages", "page_daily") if row["date"] >= AS_OF - timedelta(days=3)]
    assert len(asked) == 8


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ("malformed_row", "102/insights"),
        ("malformed_row", "posts"),
        ("changed_type", "102/insights"),
        ("malformed_row", "accounts"),
    ],
)
def test_a_spoilt_answer_is_one_clear_line_and_older_rows_stay(sandbox, raw, fault, path):
    with sandbox(COMPANY) as url:
        load("facebook_pages", AS_OF)
        before = everything(raw)
        requests.post(
            f"{url}/control/faults", json={"vendor": "facebook_pages", "fault": fault, "path": path}, timeout=5
        )
        with pytest.raises(LoadError, match=r"facebook_pages .*Nothing was loaded, older rows stay") as error:
            load("facebook_pages", AS_OF)
    assert "MalformedValueError" in str(error.value)
    assert everything(raw) == before


@pytest.mark.parametrize("fault", ["cut", "server_error", "new_field"])
def test_what_passes_or_does_no_harm_changes_no_row(sandbox, raw, fault):
    with sandbox(COMPANY) as url:
        load("facebook_pages", AS_OF)
        before = everything(raw)
        requests.post(f"{url}/control/faults", json={"vendor": "facebook_pages", "fault": fault, "times": 2}, timeout=5)
        load("facebook_pages", AS_OF)
    assert everything(raw) == before


def test_staging_sets_both_platforms_side_by_side(sandbox, staged):
    with sandbox(COMPANY):
        load("facebook_pages", AS_OF)
    rows = staged("facebook_pages", AS_OF - timedelta(days=2))
    assert rows("stg_facebook_pages__pages") == [
        {
            "page_id": "102",
            "page_name": "Example GmbH",
            "instagram_id": "1784",
            "instagram_name": "example_gmbh",
        },
        {"page_id": "103", "page_name": "Example, the shop", "instagram_id": None, "instagram_name": None},
    ]
    last_day = [row for row in rows("stg_facebook_pages__page_daily") if row["activity_date"] == date(2026, 6, 28)]
    facebook = {
        "platform": "facebook",
        "page_id": "102",
        "activity_date": date(2026, 6, 28),
        "views": 1028,
        "reach": 90,
        "engagements": 12,
        "followers": 1500,
        "new_followers": 4,
        "profile_views": 30,
    }
    assert last_day == [
        facebook,
        facebook | {"page_id": "103"},
        facebook | {"platform": "instagram", "followers": None, "profile_views": None},
    ]
    assert max(row["activity_date"] for row in rows("stg_facebook_pages__page_daily")) == date(2026, 6, 28)
    posts = rows("stg_facebook_pages__posts")
    assert [row["post_id"] for row in posts] == ["102_3", "102_40", "102_55", "m50"]
    counters = ("created_at", "views", "reach", "clicks", "likes", "comments", "shares", "saves")
    assert [posts[0][name] for name in counters] == [datetime(2026, 6, 27, 23, 30), 500, 400, 20, 15, 3, 2, None]
    assert [posts[3][name] for name in counters] == [datetime(2026, 5, 11, 23, 30), 500, 400, None, 15, 3, 2, 1]


def ask(url: str, path: str, token: str = page_token(PAGE.page_id), **params: object) -> requests.Response:
    """A request as anyone may make it; a month of page views unless told otherwise."""
    bounds = {"since": 1780297200, "until": 1782889200}  # June 2026 in Pacific time
    asked = {"metric": "page_media_view", "period": "day", **bounds, **params}
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{url}/facebook_pages/v26.0/{path}", params=asked, headers=headers, timeout=5)


@pytest.mark.parametrize(
    ("path", "params", "complaint"),
    [
        ("102/insights", {"metric": "page_impressions"}, "(#100) The value must be a valid insights metric"),
        ("102/insights", {"metric": "page_fans"}, "(#100) The value must be a valid insights metric"),
        ("102/insights", {"token": ACCESS_TOKEN}, "(#190) This method must be called with a Page Access Token"),
        ("102/insights", {"since": 1774998000}, "more than 90 days"),
        ("1784/insights", {"metric": "reach", "since": 1780210800}, "more than 30 days"),
        ("1784/insights", {"metric": "impressions"}, "(#100) The value must be a valid insights metric"),
        ("1784/insights", {"metric": "profile_views"}, "(#100) The value must be a valid insights metric"),
        ("1784/insights", {"metric": "views"}, "should be specified with parameter metric_type=total_value"),
        ("102/posts", {"fields": "id,likes_total"}, "nonexisting field (likes_total)"),
        ("102/posts", {"fields": "insights.metric(post_impressions)"}, "must be a valid insights metric"),
        ("999/insights", {}, "does not exist"),
    ],
)
def test_the_sandbox_refuses_what_meta_refuses(sandbox, path, params, complaint):
    with sandbox(COMPANY) as url:
        answer = ask(url, path, **params)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]["message"]


def test_insights_lead_on_for_ever(sandbox):
    with sandbox(COMPANY) as url:
        answer = ask(url, "102/insights", since=1988175600, until=1988262000).json()
    assert answer["data"] == []
    assert answer["paging"]["next"].startswith(url)
