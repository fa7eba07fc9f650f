"""Meta Graph API v26.0: a page's and its Instagram profile's insights, posts and media.

Refuses what Meta refuses: page insights without the page's own token, removed metrics, more than 90 days a call (30 on
Instagram), a metric asked for with the wrong `metric_type`. A day's `end_time` is the end of the Pacific-time day. What
the platform has not told yet is an empty data set, never 0; `paging.next` of insights exists for ever.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.routing import Route

from ingestion.sandbox.answers import JSONResponse
from ingestion.sandbox.world import Page, Post, SocialDay

ACCESS_TOKEN = "sandbox-facebook-system-user-token"
SETTINGS = {"ACCESS_TOKEN": ACCESS_TOKEN}
VERSION = "v26.0"
PACIFIC = ZoneInfo("America/Los_Angeles")

PAGE_METRICS: dict[str, Callable[[SocialDay], int | None]] = {
    "page_media_view": lambda row: row.views,
    "page_total_media_view_unique": lambda row: row.reach,
    "page_post_engagements": lambda row: row.engagements,
    "page_follows": lambda row: row.followers,
    "page_daily_follows_unique": lambda row: row.new_followers,
    "page_views_total": lambda row: row.profile_views,
}
# Instagram tells a day of reach as a time series, everything else as the total of what was asked for.
PROFILE_METRICS: dict[str, tuple[str, Callable[[SocialDay], int | None]]] = {
    "reach": ("time_series", lambda row: row.reach),
    "views": ("total_value", lambda row: row.views),
    "total_interactions": ("total_value", lambda row: row.engagements),
    "follows_and_unfollows": ("total_value", lambda row: row.new_followers),
}
POST_METRICS: dict[str, Callable[[Post], object]] = {
    "post_media_view": lambda post: post.views,
    "post_total_media_view_unique": lambda post: post.reach,
    "post_clicks": lambda post: post.clicks,
    "post_reactions_by_type_total": lambda post: {"like": post.likes} if post.likes else {},
}
MEDIA_METRICS: dict[str, Callable[[Post], object]] = {
    "views": lambda post: post.views,
    "reach": lambda post: post.reach,
    "likes": lambda post: post.likes,
    "comments": lambda post: post.comments,
    "shares": lambda post: post.shares,
    "saved": lambda post: post.saves,
}
INSIGHTS_FIELD = re.compile(r"insights\.metric\(([a-z_,]*)\)")


class _Refused(Exception):  # noqa: N818 - it is an answer
    """Meta's refusal: HTTP 400 with this code and message."""

    def __init__(self, message: str, code: int = 100) -> None:
        super().__init__(f"(#{code}) {message}")
        self.code = code


def _error(status: int, message: str, code: int, **more: object) -> JSONResponse:
    error = {"message": message, "type": "OAuthException", "code": code, **more, "fbtrace_id": "AbCdEfGhIjK"}
    return JSONResponse({"error": error}, status_code=status)


def rate_limited(request: Request) -> JSONResponse:
    """HTTP 400 with code 80001, as Meta answers a page's too many calls."""
    return _error(400, "(#80001) There have been too many calls to this Page account. Wait a bit and try again.", 80001)


def unauthorized(request: Request) -> JSONResponse:
    """An expired or wrong token: code 190."""
    message = "Error validating access token: Session has expired. The current time is later than its end."
    return _error(400, message, 190, error_subcode=463)


def page_token(page_id: str) -> str:
    """The page's own token, as `me/accounts` tells it."""
    return f"sandbox-page-token-{page_id}"


def _endpoint(handler: Callable[[Request], dict]) -> Callable[[Request], JSONResponse]:
    def answer(request: Request) -> JSONResponse:
        tokens = {ACCESS_TOKEN, *(page_token(page.page_id) for page in request.app.state.world.pages)}
        if _token(request) not in tokens:
            return unauthorized(request)
        try:
            return JSONResponse(handler(request))
        except _Refused as refused:
            return _error(400, str(refused), refused.code)

    return answer


def _token(request: Request) -> str:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return bearer or request.query_params.get("access_token", "")


def me_accounts(request: Request) -> dict:
    """GET /v26.0/me/accounts: the pages the token may see."""
    pages = request.app.state.world.pages
    fields = _fields(request, {"id", "name", "access_token", "instagram_business_account"})
    return _page(
        request, pages, lambda page: {name: _page_fields(page)[name] for name in fields if _page_fields(page)[name]}
    )


def _page_fields(page: Page) -> dict:
    profile = {"id": page.instagram_id, "username": page.instagram_name, "name": page.instagram_name}
    return {
        "id": page.page_id,
        "name": page.name,
        "access_token": page_token(page.page_id),
        "instagram_business_account": profile if page.instagram_id else None,
    }


def insights(request: Request) -> dict:
    """GET /v26.0/{page or profile}/insights, by day."""
    node = request.path_params["node"]
    for page in request.app.state.world.pages:
        if node == page.page_id:
            _require_page_token(request, page)
            return _page_insights(request, page)
        if node == page.instagram_id:
            _require_page_token(request, page)
            return _profile_insights(request, page)
    raise _unknown(node)


def _page_insights(request: Request, page: Page) -> dict:
    metrics = _metrics(request.query_params.get("metric", ""), PAGE_METRICS)
    first, last = _days(request, most=90)
    rows = _social_days(request, "facebook", page.page_id, first, last)
    data = [_series(name, PAGE_METRICS[name], rows, page.page_id) for name in metrics]
    return {"data": [series for series in data if series], "paging": _time_paging(request, first, last)}


def _profile_insights(request: Request, page: Page) -> dict:
    metrics = _metrics(request.query_params.get("metric", ""), PROFILE_METRICS)
    metric_type = request.query_params.get("metric_type", "time_series")
    if wrong := [name for name in metrics if PROFILE_METRICS[name][0] != metric_type]:
        needed = PROFILE_METRICS[wrong[0]][0]
        raise _Refused(f"The following metrics ({wrong[0]}) should be specified with parameter metric_type={needed}")
    first, last = _days(request, most=30)
    rows = _social_days(request, "instagram", page.page_id, first, last)
    if metric_type == "time_series":
        data = [_series(name, PROFILE_METRICS[name][1], rows, page.instagram_id) for name in metrics]
    else:
        by_follow_type = request.query_params.get("breakdown") == "follow_type"
        data = [_total(name, rows, page.instagram_id, by_follow_type=by_follow_type) for name in metrics]
    return {"data": [series for series in data if series], "paging": _time_paging(request, first, last)}


def _series(name: str, value: Callable[[SocialDay], int | None], rows: list[SocialDay], node: str) -> dict | None:
    values = [{"value": value(row), "end_time": _end_of(row.day)} for row in rows if value(row) is not None]
    return {"name": name, "period": "day", "values": values, "id": f"{node}/insights/{name}/day"} if values else None


def _total(name: str, rows: list[SocialDay], node: str, *, by_follow_type: bool) -> dict | None:
    told = [value for value in map(PROFILE_METRICS[name][1], rows) if value is not None]
    if not told:
        return None
    total: dict[str, object] = {"value": sum(told)}
    if name == "follows_and_unfollows":
        # Without the breakdown Meta tells no number at all.
        results = [{"dimension_values": ["FOLLOWER"], "value": sum(told)}]
        total = {"breakdowns": [{"dimension_keys": ["follow_type"], "results": results}]} if by_follow_type else {}
    return {"name": name, "period": "day", "total_value": total, "id": f"{node}/insights/{name}/day"}


def _time_paging(request: Request, first: date, last: date) -> dict:
    """Links to the days before and after: they always exist, also beyond the last day there is."""
    length = last - first + timedelta(days=1)

    def link(start: date) -> str:
        bounds = {"since": _midnight(start), "until": _midnight(start + length), "access_token": _token(request)}
        return str(request.url.include_query_params(**bounds))

    return {"previous": link(first - length), "next": link(first + length)}


def posts(request: Request) -> dict:
    """GET /v26.0/{page}/posts, newest first."""
    page = _page_of(request, "page_id")
    fields = _fields(request, {"id", "created_time", "message", "permalink_url", "shares", "comments", "reactions"})
    metrics = _expanded_metrics(request, POST_METRICS)

    def shown(post: Post) -> dict:
        known = {
            "id": post.post_id,
            "created_time": _graph_time(post.created_at),
            "message": post.message or None,
            "permalink_url": post.permalink,
            "shares": {"count": post.shares} if post.shares else None,
            "comments": {"data": [], "summary": {"order": "chronological", "total_count": post.comments}},
            "reactions": {"data": [], "summary": {"total_count": post.likes}},
        }
        return _told(known, fields) | _lifetime(post, metrics, POST_METRICS)

    return _page(request, _posts_of(request, "facebook", page), shown)


def media(request: Request) -> dict:
    """GET /v26.0/{profile}/media, newest first."""
    page = _page_of(request, "instagram_id")
    fields = _fields(request, {"id", "timestamp", "caption", "permalink", "like_count", "comments_count"})
    metrics = _expanded_metrics(request, MEDIA_METRICS)

    def shown(post: Post) -> dict:
        known = {
            "id": post.post_id,
            "timestamp": _graph_time(post.created_at),
            "caption": post.message or None,
            "permalink": post.permalink,
            "like_count": post.likes,
            "comments_count": post.comments,
        }
        return _told(known, fields) | _lifetime(post, metrics, MEDIA_METRICS)

    return _page(request, _posts_of(request, "instagram", page), shown)


def _told(known: dict, fields: Iterable[str]) -> dict:
    """The asked fields that have a value: Meta leaves out the keys of the others."""
    return {name: known[name] for name in ("id", *fields) if known[name] is not None}


def _lifetime(post: Post, metrics: list[str], known: dict[str, Callable[[Post], object]]) -> dict:
    if not metrics:
        return {}
    data = [
        {"name": name, "period": "lifetime", "values": [{"value": known[name](post)}], "id": f"{post.post_id}/{name}"}
        for name in metrics
    ]
    return {"insights": {"data": data}}


def _page_of(request: Request, attribute: str) -> Page:
    node = request.path_params["node"]
    for page in request.app.state.world.pages:
        if getattr(page, attribute) == node:
            _require_page_token(request, page)
            return page
    raise _unknown(node)


def _require_page_token(request: Request, page: Page) -> None:
    if _token(request) != page_token(page.page_id):
        raise _Refused("This method must be called with a Page Access Token", code=190)


def _unknown(node: str) -> _Refused:
    return _Refused(
        f"Unsupported get request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation."
    )


def _posts_of(request: Request, platform: str, page: Page) -> list[Post]:
    """Newest first, within since and until (unix seconds) where asked."""
    since, until = (_moment(request, bound) for bound in ("since", "until"))
    found = [
        post
        for post in request.app.state.world.posts
        if (post.platform, post.page_id) == (platform, page.page_id)
        and (since is None or post.created_at >= since)
        and (until is None or post.created_at < until)
    ]
    return sorted(found, key=lambda post: post.created_at, reverse=True)


def _page(request: Request, items: list, shown: Callable[[object], dict]) -> dict:
    """One page of an edge. The last has no `next`, yet a cursor; `next` carries the token, as Meta's does."""
    limit = int(request.query_params.get("limit", "25"))
    if limit > 100:
        raise _Refused("Param limit must be less than or equal to 100")
    start = int(request.query_params.get("after", "0"))
    end = start + limit
    paging: dict[str, object] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(items):
        paging["next"] = str(request.url.include_query_params(after=end, access_token=_token(request)))
    return {"data": [shown(item) for item in items[start:end]], "paging": paging}


def _fields(request: Request, known: set[str]) -> list[str]:
    """The plain fields asked for; modifiers as in comments.limit(0).summary(true) are taken as asked."""
    asked = INSIGHTS_FIELD.sub("", request.query_params.get("fields", "id"))
    names = [re.split(r"[.{]", field)[0] for field in re.split(r",(?![^{(]*[})])", asked) if field]
    if unknown := [name for name in names if name not in known]:
        raise _Refused(f"Tried accessing nonexisting field ({unknown[0]})")
    return names


def _expanded_metrics(request: Request, known: dict[str, object]) -> list[str]:
    found = INSIGHTS_FIELD.search(request.query_params.get("fields", ""))
    return _metrics(found[1], known) if found else []


def _metrics(asked: str, known: Iterable[str]) -> list[str]:
    names = [name for name in asked.split(",") if name]
    if not names or any(name not in known for name in names):
        raise _Refused("The value must be a valid insights metric")
    return names


def _social_days(request: Request, platform: str, page_id: str, first: date, last: date) -> list[SocialDay]:
    found = (
        row
        for row in request.app.state.world.social_days
        if (row.platform, row.page_id) == (platform, page_id) and first <= row.day <= last
    )
    return sorted(found, key=lambda row: row.day)


def _days(request: Request, most: int) -> tuple[date, date]:
    """First and last day asked for: `since` is included, `until` is the moment after the last day."""
    if request.query_params.get("period") != "day":
        raise _Refused("Incompatible period: this sandbox tells days only")
    since, until = (_moment(request, bound) for bound in ("since", "until"))
    if since is None or until is None or since >= until:
        raise _Refused("since and until must be given, until after since")
    if until - since > timedelta(days=most):
        seconds = most * 86400
        raise _Refused(f"There cannot be more than {most} days ({seconds} s) between since and until")
    return since.astimezone(PACIFIC).date(), (until.astimezone(PACIFIC) - timedelta(microseconds=1)).date()


def _moment(request: Request, name: str) -> datetime | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    if not value.isdigit():
        raise _Refused(f"Param {name} must be a unix timestamp")
    return datetime.fromtimestamp(int(value), UTC)


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), PACIFIC).timestamp())


def _end_of(day: date) -> str:
    return _graph_time(datetime.combine(day + timedelta(days=1), time(), PACIFIC))


def _graph_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S+0000}"


routes = [
    Route(f"/{VERSION}/me/accounts", _endpoint(me_accounts)),
    Route(f"/{VERSION}/{{node}}/insights", _endpoint(insights)),
    Route(f"/{VERSION}/{{node}}/posts", _endpoint(posts)),
    Route(f"/{VERSION}/{{node}}/media", _endpoint(media)),
]
