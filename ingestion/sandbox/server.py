"""The local server: every vendor's contract under a prefix of its own, one company behind them.

Bind to loopback only. `app.state.world` is what the vendors know; POST /control/as_of and /control/faults change it.
"""

import importlib
import pkgutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from ingestion.sandbox import vendors
from ingestion.sandbox.world import World

VENDORS: tuple[str, ...] = tuple(sorted(module.name for module in pkgutil.iter_modules(vendors.__path__)))


def create_app(world: World) -> Starlette:
    """The server's application over one company."""
    mounts = [Mount(f"/{name}", routes=_vendor(name).routes, name=name) for name in VENDORS]
    app = Starlette(routes=mounts)
    app.state.world = world
    return app


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
