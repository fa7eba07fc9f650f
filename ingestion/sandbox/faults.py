"""What can go wrong at a vendor, on demand: `POST /control/faults` of the sandbox server adds one.

    {"vendor": "google_ads", "fault": "rate_limited", "times": 2, "path": "googleAds:search"}

`rate_limited` and `unauthorized` come in the vendor's own words, `server_error` is a 503, `slow` waits `seconds`, `cut`
closes the connection in mid-answer; `malformed_row`, `new_field` and `changed_type` spoil the rows of an answer. The
token endpoint is spared unless `path` names it.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

KINDS = ("rate_limited", "unauthorized", "server_error", "slow", "cut", "malformed_row", "new_field", "changed_type")
CHANGED_ROWS = ("malformed_row", "new_field", "changed_type")


@dataclass
class Fault:
    """A fault of `kind` for the next `times` requests of `vendor` whose path contains `path`.

    `seconds` is how long a slow answer takes.
    """

    vendor: str
    kind: str
    times: int = 1
    path: str = ""
    seconds: float = 2.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(KINDS)}")

    def strikes(self, vendor: str, path: str) -> bool:
        """Whether it is for this request."""
        spared = path.endswith("/token") and "token" not in self.path
        return self.times > 0 and self.vendor == vendor and self.path in path and not spared


async def answer(
    faults: list[Fault], vendor: ModuleType, request: Request, healthy: RequestResponseEndpoint
) -> Response:
    """The vendor's answer, spoilt by the first fault that strikes, if any."""
    name = vendor.__name__.rpartition(".")[2]
    fault = next((fault for fault in faults if fault.strikes(name, request.url.path)), None)
    if fault is None:
        return await healthy(request)
    if fault.kind in CHANGED_ROWS:
        response = await healthy(request)
        body = b"".join([chunk async for chunk in response.body_iterator])
        changed = _changed(body, fault.kind)
        fault.times -= changed is not None
        return Response(changed or body, response.status_code, media_type=response.headers.get("content-type"))
    fault.times -= 1
    match fault.kind:
        case "rate_limited":
            return vendor.rate_limited(request)
        case "unauthorized":
            return vendor.unauthorized(request)
        case "server_error":
            return PlainTextResponse("upstream connect error or disconnect", 503)
        case "cut":
            return _CutResponse('{"results": [{"id": "1", "na', media_type="application/json")
    await _wait(request, fault.seconds)
    return await healthy(request)


async def _wait(request: Request, seconds: float) -> None:
    """Keep the caller waiting, but not longer than it stays."""
    await request.body()
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline and not await request.is_disconnected():
        await asyncio.sleep(0.05)


class _CutResponse(Response):
    """Promises more than it sends, then closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(2 * len(self.body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})


def _changed(body: bytes, kind: str) -> bytes | None:
    """The body with its first rows changed; None if it has no rows."""
    document = json.loads(body)
    rows = next(_lists_of_rows(document), None)
    if rows is None:
        return None
    match kind:
        case "malformed_row":
            rows[0] = "<row unavailable>"
        case "new_field":
            rows[:] = [row | {"sandboxNewField": "new"} for row in rows]
        case "changed_type":
            rows[0] = _without_numbers(rows[0])
    return json.dumps(document).encode()


def _lists_of_rows(node: object) -> Iterator[list]:
    """Every list of objects in a document, outermost first."""
    if isinstance(node, list) and node and isinstance(node[0], dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _lists_of_rows(child)


def _without_numbers(node: object) -> object:
    """The same with every number, also one written as text, replaced by words."""
    if isinstance(node, dict):
        return {name: _without_numbers(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_without_numbers(value) for value in node]
    is_number = isinstance(node, int | float) or (isinstance(node, str) and node.replace(".", "", 1).isdigit())
    return "not a number" if is_number and not isinstance(node, bool) else node
