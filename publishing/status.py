"""What is published and how fresh each source is: `python -m publishing.status` (or `make status`)."""

import sys

from ingestion import SOURCES
from ingestion.freshness import configured_sources, newest_day
from publishing.nights import current_run, manifest, published_dir, runs


def main() -> int:
    """Print the kept nights, the current one first of all, and each source's newest day."""
    if current_run() is None:
        print(f"Nothing is published in {published_dir()} yet: run `make nightly`.")
    for run in reversed(runs()):
        night = manifest(run)
        notes = ["<- readers see this" if run == current_run() else "", "degraded" if night["is_degraded"] else ""]
        print(f"  {run:<14} published {night['published_at'][:16]}  {' '.join(filter(None, notes))}")
    configured = configured_sources()
    for source in SOURCES:
        print(f"  {source:<18} {_freshness(source) if source in configured else 'not configured'}")
    return 0


def _freshness(source: str) -> str:
    day = newest_day(source)
    return f"loaded for {day}" if day else "never loaded"


if __name__ == "__main__":
    sys.exit(main())
