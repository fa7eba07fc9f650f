"""The local server: every vendor's contract under a prefix of its own, one company behind them.

Bind to loopback only. `app.state.world` is what the vendors know. POST /control/faults with
{"vendor": "mailchimp", "fault": "rate_limited", "times": 2} makes a vendor's next answers that fault.
"""

import importlib
import pkgutil
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from ingestion.sandbox import vendors
from ingestion.sandbox.world import World

VENDORS: tuple[str, ...] = tuple(sorted(module.name for module in pkgutil.iter_modules(vendors.__path__)))


def create_app(world: World) -> Starlette:
    """The server's application over one company."""
    mounts = [Mount(f"/{name}", app=_Faulty(name, Router(_vendor(name).routes)), name=name) for name in VENDORS]
    app = Starlette(routes=[Route("/control/faults", add_faults, methods=["POST"]), *mounts])
    app.state.world = world
    app.state.faults = {name: deque() for name in VENDORS}
    return app


class _Faulty:
    """A vendor that first answers the faults asked of it."""

    def __init__(self, name: str, vendor: ASGIApp) -> None:
        self._name = name
        self._vendor = vendor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults = scope["app"].state.faults[self._name]
        answer = faults.popleft()(Request(scope, receive)) if faults else self._vendor
        await answer(scope, receive, send)


async def add_faults(request: Request) -> Response:
    """POST /control/faults: `fault` is rate_limited, unauthorized (both in the vendor's own words) or server_error."""
    asked = await request.json()
    vendor = _vendor(asked["vendor"])
    faults = {
        "rate_limited": vendor.rate_limited,
        "unauthorized": vendor.unauthorized,
        "server_error": lambda request: Response("Internal Server Error", status_code=500),
    }
    request.app.state.faults[asked["vendor"]].extend([faults[asked["fault"]]] * asked.get("times", 1))
    return JSONResponse(asked)


def environment(base_url: str) -> dict[str, str]:
    """The environment variables that point every vendor's source at the sandbox."""
    variables = {}
    for name in VENDORS:
        variables[f"SOURCES__{name}__BASE_URL".upper()] = f"{base_url}/{name}"
        for setting, value in _vendor(name).SETTINGS.items():
            variables[f"SOURCES__{name}__{setting}".upper()] = value
    return variables


@contextmanager
def serving(world: World, port: int = 0) -> Iterator[str]:
    """Serve the company from a thread of this process; yields the base URL. `port` 0 takes a free one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(create_app(world), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _vendor(name: str):
    return importlib.import_module(f"ingestion.sandbox.vendors.{name}")
