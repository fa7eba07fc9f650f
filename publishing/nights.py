"""The published nights on disk: where they lie, which one is current, and the manifest of each.

published/<run>/marketing.duckdb  sales.duckdb  parquet/<schema>/<table>.parquet  manifest.json  site/
published/current -> <run>        a directory symlink, flipped by one rename
"""

import json
import os
from pathlib import Path

from ingestion.settings import business_day, warehouse_dir

KEPT_NIGHTS = 7
# Which schemas stand in which published file; marketing's holds no personal data.
FILES: dict[str, tuple[str, ...]] = {
    "marketing": ("core", "marketing", "alignment"),
    "sales": ("core", "sales", "alignment"),
}


def published_dir() -> Path:
    """The folder of all published nights."""
    return warehouse_dir() / "published"


def build_file() -> Path:
    """The DuckDB file that dbt builds and the checks read."""
    return Path(os.environ.get("BUILD_FILE") or warehouse_dir() / "build" / "warehouse.duckdb")


def stand_on_built_day() -> None:
    """Where `AS_OF` is not set, it is the day of the built warehouse; another day than that is a `ValueError`."""
    note = built_day_file()
    built = note.read_text() if note.exists() else None
    if built and not os.environ.get("AS_OF"):
        os.environ["AS_OF"] = built
    as_of = business_day().isoformat()
    if not build_file().exists():
        raise ValueError(f"there is no built warehouse at {build_file()}: run `make build` first")
    if built is None:
        raise ValueError("the last build failed or was cut off: run `make build` again")
    if built != as_of:
        raise ValueError(f"the built warehouse is of {built} and not of {as_of}: run `make build` first")


def built_day_file() -> Path:
    """Beside the build file: the business day it was built for."""
    return build_file().with_suffix(".day")


def runs() -> list[str]:
    """Names of the complete nights that are kept, in the order they were published."""
    folders = (path.parent for path in published_dir().glob("*/manifest.json"))
    names = [folder.name for folder in folders if not folder.is_symlink() and not folder.name.startswith(".")]
    return sorted(names, key=lambda name: manifest(name)["published_at"])


def current_run() -> str | None:
    """The night that readers see now; None before the first."""
    link = published_dir() / "current"
    return os.readlink(link) if link.is_symlink() else None


def manifest(run: str | None = None) -> dict | None:
    """The manifest of a night (default: the current one); None if nothing is published."""
    name = run or current_run()
    return json.loads((published_dir() / name / "manifest.json").read_text()) if name else None


def flip_to(run: str) -> None:
    """Make `run` what readers see, in one rename: a reader sees either night, never half of one."""
    link = published_dir() / f".current-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(run, target_is_directory=True)
    os.replace(link, published_dir() / "current")
