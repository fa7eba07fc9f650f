"""The HTTP client against a real local server that answers from a script."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.http import GraphPaginator, OAuth, VendorClient, VendorError, google_problem, graph_problem

SECRET = "EAAB-very-secret"
GOOGLE_QUOTA = {
    "error": {
        "message": "Resource has been exhausted (e.g. check quota).",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {
                "errors": [
                    {
                        "errorCode": {"quotaError": "RESOURCE_EXHAUSTED"},
                        "message": "Too many requests. Retry in 1 seconds.",
                        "details": {"quotaErrorDetails": {"retryDelay": "1s"}},
                    }
                ]
            }
        ],
    }
}
META_THROTTLE = {"error": {"message": "(#80000) There have been too many calls", "code": 80000}}


class Script(ThreadingHTTPServer):
    """Answers requests with `answers` in turn: (status, body, headers); keeps what was asked in `requests`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, object, dict[str, str]]] = []
        self.requests: list[tuple[str, str | None, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def will_answer(self, status: int, body: object, **headers: str) -> None:
        """Add an answer; underscores in header names stand for dashes."""
        self.answers.append((status, body, {name.replace("_", "-"): value for name, value in headers.items()}))


class _Handler(BaseHTTPRequestHandler):
    server: Script

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.requests.append((self.path, self.headers.get("Authorization"), body))
        status, answer, headers = self.server.answers.pop(0)
        content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in (
            {"Content-Type": "application/json", "Content-Length": str(len(content))} | headers
        ).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[Script]:
    with Script() as script:
        threading.Thread(target=script.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield script
        script.shutdown()


@pytest.mark.parametrize(
    ("problem", "status", "body", "headers"),
    [
        (google_problem, 429, GOOGLE_QUOTA, {}),
        (graph_problem, 400, META_THROTTLE, {}),
        (google_problem, 503, "upstream is down", {"Content_Type": "text/plain"}),
        (google_problem, 200, "<html>maintenance</html>", {"Content_Type": "text/html"}),
        (google_problem, 200, '{"a": 1}', {"Content_Length": "999"}),
    ],
    ids=["google quota", "meta throttle", "server error", "web page", "cut"],
)
def test_passing_problem_is_asked_again(server: Script, problem, status, body, headers) -> None:
    server.will_answer(status, body, Connection="close", **headers)
    server.will_answer(200, {"ok": True})
    assert VendorClient("some", server.url, problem=problem).get("data").json() == {"ok": True}
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("problem", "status", "body", "headers"),
    [
        (google_problem, 429, GOOGLE_QUOTA, {}),
        (
            graph_problem,
            400,
            META_THROTTLE,
            {"X_Business_Use_Case_Usage": '{"1": [{"estimated_time_to_regain_access": 12}]}'},
        ),
    ],
    ids=["google", "meta"],
)
def test_vendor_tells_how_long_to_wait(server: Script, monkeypatch, problem, status, body, headers) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.3")
    server.will_answer(status, body, **headers)
    server.will_answer(200, {})
    started = time.monotonic()
    VendorClient("some", server.url, problem=problem).get("data")
    assert time.monotonic() - started >= 0.3, "the wait was not the vendor's, cut to our own maximum"


def test_lasting_problem_is_asked_once_and_says_what_to_do(server: Script) -> None:
    server.will_answer(403, {"error": {"message": f"Token {SECRET} may not see this"}})
    with pytest.raises(VendorError) as raised:
        VendorClient("meta_ads", server.url, secrets=[SECRET]).get("v26.0/me")
    assert str(raised.value) == (
        "meta_ads: GET /v26.0/me answered 403 (Token *** may not see this). "
        "Check the credentials in SOURCES__META_ADS__* and what they may see. Older rows stay."
    )
    assert len(server.requests) == 1


def test_problem_that_does_not_pass_is_given_up(server: Script, monkeypatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "3")
    for _ in range(3):
        server.will_answer(429, GOOGLE_QUOTA)
    with pytest.raises(VendorError, match=r"google_ads: GET /x answered 429 \(Too many requests.*run the load again"):
        VendorClient("google_ads", server.url, problem=google_problem).get("x")
    assert len(server.requests) == 3


def test_unreachable_vendor_shows_no_secret(monkeypatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "2")
    with pytest.raises(VendorError, match=r"no answer from 127\.0\.0\.1:1 ") as raised:
        VendorClient("meta_ads", "http://127.0.0.1:1").get(f"me?access_token={SECRET}")
    assert SECRET not in str(raised.value)
    assert raised.value.__suppress_context__


def test_next_page_of_meta_is_asked_without_the_token_in_its_link(server: Script) -> None:
    link = f"{server.url}/v26.0/me/adaccounts?access_token={SECRET}&limit=1&after=MQ"
    server.will_answer(200, {"data": [{"id": 1}], "paging": {"cursors": {"after": "MQ"}, "next": link}})
    server.will_answer(200, {"data": [{"id": 2}], "paging": {"cursors": {"after": "Mg"}}})
    client = VendorClient("meta_ads", server.url, auth=BearerTokenAuth(SECRET), problem=graph_problem)
    pages = list(client.paginate("v26.0/me/adaccounts", paginator=GraphPaginator(), data_selector="data"))
    assert [[row["id"] for row in page] for page in pages] == [[1], [2]]
    assert server.requests[1][:2] == ("/v26.0/me/adaccounts?limit=1&after=MQ", f"Bearer {SECRET}")


def test_refused_token_is_renewed_once(server: Script) -> None:
    auth = OAuth("google_ads", f"{server.url}/token", {"grant_type": "refresh_token", "refresh_token": SECRET})
    server.will_answer(200, {"access_token": "first", "expires_in": 3599})
    server.will_answer(401, {"error": {"message": "expired"}})
    server.will_answer(200, {"access_token": "second", "expires_in": 3599})
    server.will_answer(200, {"rows": [1]})
    server.will_answer(200, {"rows": [2]})
    client = VendorClient("google_ads", server.url, auth=auth)
    assert client.get("x").json() == {"rows": [1]}
    assert client.get("x").json() == {"rows": [2]}
    assert [(path, token) for path, token, _ in server.requests] == [
        ("/token", None),
        ("/x", "Bearer first"),
        ("/token", None),
        ("/x", "Bearer second"),
        ("/x", "Bearer second"),
    ]


def test_token_is_renewed_a_minute_before_it_expires(server: Script) -> None:
    auth = OAuth("google_ads", f"{server.url}/token", {"grant_type": "refresh_token"})
    for token in ("first", "second"):
        server.will_answer(200, {"access_token": token, "expires_in": 59})
        server.will_answer(200, {})
    client = VendorClient("google_ads", server.url, auth=auth)
    client.get("x")
    client.get("x")
    assert [token for path, token, _ in server.requests if path == "/x"] == ["Bearer first", "Bearer second"]


def test_dead_refresh_token_is_a_credential_error(server: Script) -> None:
    auth = OAuth("google_ads", f"{server.url}/token", {"grant_type": "refresh_token", "refresh_token": SECRET})
    server.will_answer(400, {"error": "invalid_grant", "error_description": f"{SECRET} has been expired or revoked."})
    with pytest.raises(VendorError, match=r"/token answered 400 \(invalid_grant.*Check the credentials") as raised:
        VendorClient("google_ads", server.url, auth=auth).get("x")
    assert SECRET not in str(raised.value)


def test_requests_are_paced(server: Script) -> None:
    client = VendorClient("hubspot", server.url, requests_per_second=20)
    for _ in range(5):
        server.will_answer(200, {})
    started = time.monotonic()
    for _ in range(5):
        client.get("x")
    assert time.monotonic() - started >= 0.2
