"""The local server: every vendor's contract under a prefix of its own, one company behind them.

Bound to loopback, unless it has a container of its own. `app.state.world` is what the vendors know. What no vendor has
stands under /control:

    GET  /control/state     {"as_of", "seed", "scale", "faults": [waiting ones], "requests": {vendor: how many}}
    POST /control/as_of     {"as_of": "2026-07-01"}: the same company on another day
    POST /control/faults    {"vendor": "google_ads", "fault": "rate_limited", "times": 2}: see faults.py
"""

import importlib
import pkgutil
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from types import ModuleType

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ingestion.sandbox import faults, vendors
from ingestion.sandbox.answers import JSONResponse
from ingestion.sandbox.world import World

VENDORS: tuple[str, ...] = tuple(sorted(module.name for module in pkgutil.iter_modules(vendors.__path__)))


def create_app(world: World) -> Starlette:
    """The server's application over one company."""
    mounts = [Mount(f"/{name}", routes=_vendor(name).routes, name=name) for name in VENDORS]
    control = [
        Route("/control/state", _state, methods=["GET"]),
        Route("/control/as_of", _move_to, methods=["POST"]),
        Route("/control/faults", _add_fault, methods=["POST"]),
    ]
    app = Starlette(routes=[*control, *mounts], middleware=[Middleware(_Vendors)])
    app.state.world = world
    app.state.faults = []
    app.state.requests = Counter()
    return app


class _Vendors:
    """Counts every vendor's requests, and lets a waiting fault strike."""

    def __init__(self, app: ASGIApp) -> None:
        self.healthy = app
        # It buffers every answer: only for the few that a fault changes.
        self.faulty = BaseHTTPMiddleware(app, dispatch=_answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].split("/")[1] if scope["type"] == "http" else ""
        state = scope["app"].state
        if name in VENDORS:
            state.requests[name] += 1
        app = self.faulty if name in VENDORS and state.faults else self.healthy
        await app(scope, receive, send)


async def _answer(request: Request, healthy: RequestResponseEndpoint) -> Response:
    """A vendor's answer, spoilt by the first fault that strikes, if any."""
    vendor = _vendor(request.url.path.split("/")[1])
    return await faults.answer(request.app.state.faults, vendor, request, healthy)


def _state(request: Request) -> Response:
    """The company's day, the faults that still wait, and how often each vendor was asked."""
    state = request.app.state
    waiting = [asdict(fault) for fault in state.faults if fault.times]
    company = {"as_of": state.world.as_of.isoformat(), "seed": state.world.seed, "scale": state.world.scale}
    return JSONResponse(company | {"faults": waiting, "requests": dict(state.requests)})


async def _move_to(request: Request) -> Response:
    from ingestion.sandbox.company import company  # slow to import, and a hand-made world needs none

    world = request.app.state.world
    as_of = date.fromisoformat((await request.json())["as_of"])
    request.app.state.world = company(seed=world.seed, scale=world.scale, as_of=as_of)
    return _state(request)


async def _add_fault(request: Request) -> Response:
    try:
        asked = await request.json()
        request.app.state.faults.append(faults.Fault(kind=asked.pop("fault"), **asked))
    except (KeyError, TypeError, ValueError) as error:
        return JSONResponse({"error": str(error)}, 400)
    return _state(request)


def environment(base_url: str) -> dict[str, str]:
    """The environment variables that point every vendor's source at the sandbox."""
    variables = {}
    for name in VENDORS:
        variables[f"SOURCES__{name}__BASE_URL".upper()] = f"{base_url}/{name}"
        for setting, value in _vendor(name).SETTINGS.items():
            variables[f"SOURCES__{name}__{setting}".upper()] = value
    return variables


@contextmanager
def serving(world: World, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve the company from a thread of this process; yields the base URL. `port` 0 takes a free one."""
    with socket.socket() as listener:
        listener.bind((host, port))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(create_app(world), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _vendor(name: str) -> ModuleType:
    return importlib.import_module(f"ingestion.sandbox.vendors.{name}")
