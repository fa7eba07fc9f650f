"""Where everything lies: all state is under `WAREHOUSE_DIR` (default `./data`)."""

import os
from pathlib import Path


def warehouse_dir() -> Path:
    """The folder that holds raw, build, published and every tool's state, as an absolute path."""
    return Path(os.environ.get("WAREHOUSE_DIR") or "data").resolve()


def raw_file(source: str) -> Path:
    """The DuckDB file of one source; its tables are in schema `raw`."""
    return warehouse_dir() / "raw" / f"{source}.duckdb"
