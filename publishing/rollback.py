"""Flip readers back to an earlier night: `python -m publishing.rollback [run]` (default: the one before the current).

The later nights stay on disk; the next publishing makes its own night the current one again.
"""

import argparse
import sys

from publishing.nights import current_run, flip_to, runs


def rollback(run: str | None = None) -> str:
    """Make `run`, or the night before the current one, current; returns its name. `LookupError` if there is none."""
    kept = runs()
    if run is None:
        earlier = kept[: kept.index(current_run())] if current_run() in kept else kept
        if not earlier:
            raise LookupError("there is no earlier night to go back to")
        run = earlier[-1]
    if run not in kept:
        raise LookupError(f"there is no night {run}; kept are: {', '.join(kept) or 'none'}")
    flip_to(run)
    return run


def main() -> int:
    """Roll back, and say to which night."""
    parser = argparse.ArgumentParser(prog="python -m publishing.rollback", description="Flip back to an earlier night.")
    parser.add_argument("run", nargs="?", help="the night, as `make status` names it")
    try:
        run = rollback(parser.parse_args().run)
    except LookupError as error:
        print(f"not rolled back: {error}", file=sys.stderr)
        return 1
    print(f"readers now see {run}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
