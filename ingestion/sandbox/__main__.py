"""The simulated company at your desk.

    python -m ingestion.sandbox serve                     # its vendors, and how to point the sources at them
    python -m ingestion.sandbox settings --url http://sandbox:8400 >> .env     # the same, of a server elsewhere
    python -m ingestion.sandbox files --out handed_over   # only what it hands over as files
    python -m ingestion.sandbox truth --out truth         # what really happened, as Parquet

`AS_OF` (default: its first night, 2026-06-30), `SANDBOX_SEED` and `SANDBOX_SCALE` are the defaults of the options.
"""

import argparse
import os
import shlex
import threading
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.files import write_files
from ingestion.sandbox.server import environment, serving
from ingestion.sandbox.world import World
from ingestion.settings import warehouse_dir


def settings(base_url: str, as_of: date, out: Path) -> dict[str, str]:
    """The environment variables that point every source at the company served at `base_url`, on its day."""
    files = {"SOURCES__FILES__BUCKET_URL": out.resolve().as_uri()}
    return {"AS_OF": as_of.isoformat(), **environment(base_url), **files}


def serve(world: World, host: str, port: int, out: Path) -> None:
    """Serve until interrupted; prints the environment variables that point every source at the company."""
    write_files(world, out)
    with serving(world, port, host) as base_url:
        variables = settings(base_url, world.as_of, out)
        print(f"# the company on {world.as_of} at {base_url}, its files in {out}")
        for name, value in variables.items():
            print(f"export {name}={shlex.quote(value)}")
        print("# Ctrl-C ends it", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


def write_truth(world: World, out: Path) -> list[Path]:
    """Write every table of the truth as `<table>.parquet`."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in world.truth.items():
        written.append(out / f"{name}.parquet")
        pq.write_table(pa.Table.from_pylist(rows), written[-1])
    return written


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line and do what it says."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--as-of", type=date.fromisoformat, default=os.environ.get("AS_OF") or str(FIRST_NIGHT))
    common.add_argument("--seed", type=int, default=os.environ.get("SANDBOX_SEED") or "1")
    common.add_argument("--scale", type=float, default=os.environ.get("SANDBOX_SCALE") or "1")
    common.add_argument("--out", type=Path, help="the folder to write to")
    parser = argparse.ArgumentParser(prog="python -m ingestion.sandbox", description="The simulated company.")
    commands = parser.add_subparsers(dest="command", required=True)
    serving_command = commands.add_parser("serve", parents=[common], help="serve its vendors on loopback")
    serving_command.add_argument("--host", default="127.0.0.1", help="0.0.0.0 in a container (default: loopback)")
    serving_command.add_argument("--port", type=int, default=0, help="0 (default) takes a free one")
    commands.add_parser("files", parents=[common], help="write the files it hands over")
    commands.add_parser("truth", parents=[common], help="write what really happened, as Parquet")
    settings_command = commands.add_parser(
        "settings", parents=[common], help="print the settings of a server elsewhere"
    )
    settings_command.add_argument("--url", required=True, help="where it serves, e.g. http://sandbox:8400")
    told = parser.parse_args(arguments)
    if told.command == "settings":
        for name, value in settings(told.url, told.as_of, told.out or warehouse_dir() / "sandbox" / "files").items():
            print(f"{name}={value}")
        return
    world = company(told.as_of, told.seed, told.scale)
    out = told.out or warehouse_dir() / "sandbox" / ("truth" if told.command == "truth" else "files")
    if told.command == "serve":
        serve(world, told.host, told.port, out)
        return
    written = write_truth(world, out) if told.command == "truth" else write_files(world, out)
    print(f"{len(written)} files in {out}")


if __name__ == "__main__":
    main()
