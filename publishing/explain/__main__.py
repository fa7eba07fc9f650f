"""`python -m publishing.explain METRIC DATE [CHANNEL]` prints what is behind a number; exits 1 if it differs."""

import sys
from datetime import date

from ingestion.masking import masked
from publishing.explain import ExplainError, explain


def main() -> int:
    """Print what is behind a metric's number; 1 if that is not the number, or there is nothing to explain."""
    metric, day, channel = [*sys.argv[1:], "", "", ""][:3]
    try:
        if not (metric and day):
            raise ExplainError("say what, as in `make explain METRIC=leads DATE=2026-06-30 CHANNEL=email`")
        explained, adds_up = explain(metric, date.fromisoformat(day), channel or None)
    except ValueError as error:
        print(f"not explained: {error}", file=sys.stderr)
        return 1
    print(masked(explained))
    if not adds_up:
        print("not explained: the rows behind the number do not make it", file=sys.stderr)
    return 0 if adds_up else 1


if __name__ == "__main__":
    sys.exit(main())
