"""One HTTP client a vendor: paced, retried as that vendor asks, and with errors that say what to do and hold no secret.

    client = VendorClient("hubspot", base_url, auth=BearerTokenAuth(access_token), secrets=[access_token])
    for page in client.paginate("crm/owners/2026-09", paginator=..., data_selector="results"):
        ...

How often and how long to ask again stands in `[runtime]` of `.dlt/config.toml` (request_max_attempts,
request_backoff_factor, request_max_retry_delay, request_timeout).
"""

import json
import re
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, partial
from urllib.parse import urlsplit

import orjson
from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator
from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.exceptions import JSONDecodeError, RequestException

EARLY_REFRESH_SECONDS = 60
DEFAULT_TOKEN_SECONDS = 3600
ACCESS_TOKEN_PARAMETER = re.compile(r"access_token=[^&\s\"']*&?")


@dataclass(frozen=True)
class Problem:
    """Why a response is no answer.

    `is_passing`: asking again may help, after `wait_seconds` if the vendor says so. `code` is the vendor's own.
    """

    reason: str
    code: str = ""
    is_passing: bool = False
    wait_seconds: float | None = None
    is_credential: bool = False


class VendorError(Exception):
    """A vendor gave no answer; the message says which source and endpoint, why, and what to do."""

    def __init__(self, message: str, problem: Problem) -> None:
        super().__init__(message)
        self.problem = problem


def status_problem(response: Response) -> Problem | None:
    """The problem as HTTP itself tells it; the reason is the first message found in a JSON body."""
    if response.status_code < 400:
        if "html" in response.headers.get("Content-Type", ""):
            return Problem("the answer is a web page, not data", is_passing=True)
        return None
    return Problem(
        _message(json_body(response)) or response.reason or "no reason given",
        is_passing=response.status_code == 429 or response.status_code >= 500,
        is_credential=response.status_code in (401, 403),
    )


def google_problem(response: Response) -> Problem | None:
    """Google's error body: the service's own code and message, and how long to wait, stand in `error.details`."""
    problem = status_problem(response)
    error = _error_of(response) if problem else {}
    if not error:
        return problem
    failures = [failure for detail in error.get("details", []) for failure in detail.get("errors", [])]
    codes = [code for failure in failures for code in failure.get("errorCode", {}).values()]
    waits = [failure.get("details", {}).get("quotaErrorDetails", {}).get("retryDelay") for failure in failures]
    return Problem(
        "; ".join(failure["message"] for failure in failures if failure.get("message")) or problem.reason,
        code=codes[0] if codes else error.get("status", ""),
        is_passing=problem.is_passing,
        wait_seconds=next((float(wait.removesuffix("s")) for wait in waits if wait), None),
        is_credential=problem.is_credential,
    )


# Meta's throttles arrive as HTTP 400 or 403; 1 and 2 are its passing server errors.
GRAPH_PASSING_CODES = {1, 2, 4, 17, 32, 613, *range(80000, 80015)}
# "Reduce the amount of data": asking again for the same never helps.
GRAPH_TOO_MUCH_DATA_SUBCODES = {1504018, 1504038, 1487534}
GRAPH_CREDENTIAL_CODES = {10, 102, 190, *range(200, 300)}


def graph_problem(response: Response) -> Problem | None:
    """Meta's error body; how long to wait stands, in minutes, in the header X-Business-Use-Case-Usage."""
    problem = status_problem(response)
    error = _error_of(response) if problem else {}
    if not error:
        return problem
    code, subcode = error.get("code"), error.get("error_subcode")
    too_much_data = is_too_much_data(subcode, problem.reason)
    return Problem(
        problem.reason,
        code="too_much_data" if too_much_data else str(code),
        is_passing=not too_much_data and (code in GRAPH_PASSING_CODES or response.status_code >= 500),
        wait_seconds=_graph_wait_seconds(response.headers.get("X-Business-Use-Case-Usage")),
        is_credential=code in GRAPH_CREDENTIAL_CODES,
    )


def mailchimp_problem(response: Response) -> Problem | None:
    """Mailchimp throttles with 429, or under heavy load with a bare 403 that has no JSON body."""
    problem = status_problem(response)
    if problem and response.status_code == 403 and json_body(response) is None:
        return Problem("too many simultaneous connections", is_passing=True)
    return problem


def is_too_much_data(subcode: int | None, message: str) -> bool:
    """Whether Meta wants to be asked for less at once."""
    return subcode in GRAPH_TOO_MUCH_DATA_SUBCODES or "reduce the amount of data" in message.lower()


class GraphPaginator(JSONLinkPaginator):
    """Follows Meta's `paging.next` without the access token that stands in it: the header carries that."""

    def __init__(self) -> None:
        super().__init__(next_url_path="paging.next")

    def update_request(self, request: Request) -> None:
        """Point the request at the next page."""
        super().update_request(request)
        if self.has_next_page:
            request.url = ACCESS_TOKEN_PARAMETER.sub("", request.url).rstrip("?&")


class OAuth(AuthBase):
    """A bearer token from a token endpoint, renewed a minute before it expires and once when it is refused (401).

    `grant` is the form the endpoint asks for, e.g. grant_type, client_id, client_secret and refresh_token.
    """

    def __init__(self, source: str, token_url: str, grant: dict[str, str]) -> None:
        self._client = VendorClient(source, token_url, secrets=list(grant.values()), problem=_token_problem)
        self._grant = grant
        self._lock = threading.Lock()
        self._token = ""
        self._expires_at = 0.0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._valid_token()}"
        request.register_hook("response", self._renew_if_refused)
        return request

    def form(self) -> dict[str, str]:
        """What the token endpoint is asked with, each time."""
        return self._grant

    def _valid_token(self, refused: str | None = None) -> str:
        with self._lock:
            if self._token == refused or time.monotonic() >= self._expires_at:
                answer = self._client.post("", data=self.form()).json()
                self._token = answer["access_token"]
                lifetime = float(answer.get("expires_in", DEFAULT_TOKEN_SECONDS))
                self._expires_at = time.monotonic() + lifetime - EARLY_REFRESH_SECONDS
            return self._token

    def _renew_if_refused(self, response: Response, **kwargs: object) -> Response:
        if response.status_code != 401:
            return response
        _ = response.content  # read to the end, so that the connection is free again
        refused = response.request.headers["Authorization"].removeprefix("Bearer ")
        again = response.request.copy()
        again.headers["Authorization"] = f"Bearer {self._valid_token(refused)}"
        return response.connection.send(again, **kwargs)


class VendorClient(RESTClient):
    """A `RESTClient` that asks again while a problem is passing, and raises `VendorError` for whatever is no answer.

    `problem` reads a response in the vendor's own terms, errors inside a 200 included. `secrets` are never shown.
    `requests_per_second` and `max_connections` are the vendor's limits on us.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        auth: AuthBase | None = None,
        headers: dict[str, str] | None = None,
        secrets: Collection[str] = (),
        problem: Callable[[Response], Problem | None] = status_problem,
        requests_per_second: float | None = None,
        max_connections: int = 10,
    ) -> None:
        self._source = source
        self._secrets = [secret for secret in secrets if secret]
        self._problem = problem
        client = Client(raise_for_status=False, status_codes=(), retry_condition=self._may_pass)
        client.update_from_config(resolve_configuration(RuntimeConfiguration()))
        session = client.session
        adapter = _PacedAdapter(problem, requests_per_second, max_connections)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        super().__init__(base_url, headers=headers, auth=auth, session=session)

    def _send_request(self, request: Request, **kwargs: object) -> Response:
        try:
            response = super()._send_request(request, **kwargs)
        except RequestException as error:
            if error.response is None:
                raise self._unreachable(request, error) from None
            response = error.response
        if problem := self._problem(response):
            raise self._refused(request, response, problem) from None
        return response

    def _may_pass(self, response: Response | None, _error: BaseException | None) -> bool:
        problem = self._problem(response) if response is not None else None
        return problem is not None and problem.is_passing

    def _refused(self, request: Request, response: Response, problem: Problem) -> VendorError:
        if problem.is_passing:
            advice = "It kept saying so: run the load again later."
        elif problem.is_credential:
            advice = f"Check the credentials in SOURCES__{self._source.upper()}__* and what they may see."
        elif response.status_code == 404:
            advice = f"Check the ids in SOURCES__{self._source.upper()}__*."
        else:
            advice = "The request itself is refused: asking again will not help."
        reason = problem.reason.rstrip(". ")
        answered = f"{self._where(request)} answered {response.status_code} ({reason}). {advice} Older rows stay."
        return VendorError(self._without_secrets(answered), problem)

    def _unreachable(self, request: Request, error: RequestException) -> VendorError:
        host = urlsplit(request.url).netloc
        problem = Problem(f"no answer from {host} ({type(error).__name__})", is_passing=True)
        setting = f"SOURCES__{self._source.upper()}__BASE_URL"
        message = f"{self._where(request)}: {problem.reason}. Check {setting} and the network. Older rows stay."
        return VendorError(self._without_secrets(message), problem)

    def _where(self, request: Request) -> str:
        return f"{self._source}: {request.method} {urlsplit(request.url).path}"

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return ACCESS_TOKEN_PARAMETER.sub("access_token=***", " ".join(text.split()))


class _PacedAdapter(HTTPAdapter):
    """Sends no faster than the vendor allows and gives its wait, wherever it stands, as Retry-After.

    An adapter and not a hook: `paginate` replaces a session's hooks by its own.
    """

    def __init__(
        self, problem: Callable[[Response], Problem | None], requests_per_second: float | None, max_connections: int
    ) -> None:
        super().__init__(pool_maxsize=max_connections, pool_block=True)
        self._problem = problem
        self._interval = 1 / requests_per_second if requests_per_second else 0.0
        self._lock = threading.Lock()
        self._next_slot = 0.0

    def send(self, request: PreparedRequest, *args: object, **kwargs: object) -> Response:
        """Wait for a slot, then send."""
        with self._lock:
            now = time.monotonic()
            slot = max(now, self._next_slot)
            self._next_slot = slot + self._interval
        time.sleep(slot - now)
        response = super().send(request, *args, **kwargs)
        response.json = cache(partial(_parsed, response))
        problem = self._problem(response)
        if problem and problem.wait_seconds:
            response.headers["Retry-After"] = str(max(1, round(problem.wait_seconds)))
        return response


def refuse_unknown(source: str, setting: str, asked: Collection[str], visible: Collection[str]) -> None:
    """Raise `VendorError` if accounts are asked for that the credentials do not see."""
    unknown = [account for account in asked if account not in visible]
    if unknown:
        raise VendorError(
            f"{source}: no such account: {', '.join(unknown)}. The credentials see {', '.join(visible) or 'none'}. "
            f"Correct SOURCES__{source.upper()}__{setting}. Older rows stay.",
            Problem("unknown account", is_credential=True),
        )


def _parsed(response: Response) -> object:
    """The body as JSON, for `response.json`: a paginator and its data selector each ask for a page's body."""
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise JSONDecodeError(error.msg, error.doc, error.pos) from None


def json_body(response: Response) -> object:
    """The body read as JSON; None if it is none."""
    try:
        return response.json()
    except ValueError:
        return None


def _token_problem(response: Response) -> Problem | None:
    """A token endpoint says with 400 that it refuses the credentials (RFC 6749)."""
    problem = status_problem(response)
    if problem is None or problem.is_passing:
        return problem
    body = json_body(response)
    code = str(body.get("error", "")) if isinstance(body, dict) else ""
    return Problem(f"{code}: {problem.reason}" if code else problem.reason, code=code, is_credential=True)


def _error_of(response: Response) -> dict:
    """The `error` object of Google's and Meta's bodies; Google wraps it in a list when streaming."""
    body = json_body(response)
    body = body[0] if isinstance(body, list) and body else body
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _message(body: object) -> str:
    """The first human message in an error body, whichever of the vendors' shapes it has."""
    if isinstance(body, list):
        return next(filter(None, map(_message, body)), "")
    if not isinstance(body, dict):
        return ""
    for name in ("message", "detail", "error_description", "error", "errors", "title"):
        value = body.get(name)
        if found := value if isinstance(value, str) else _message(value):
            return found
    return ""


def _graph_wait_seconds(header: str | None) -> float | None:
    """The longest `estimated_time_to_regain_access` of the header, in seconds."""
    if not header:
        return None
    usages = [usage for account in json.loads(header).values() for usage in account]
    return max((60.0 * usage.get("estimated_time_to_regain_access", 0) for usage in usages), default=None)
