"""`python -m publishing.explain METRIC DATE [CHANNEL] [COLUMN=VALUE ...]` prints what is behind a number.

Exits 1 if that does not make it.
"""

import sys
from datetime import date

from ingestion.masking import masked
from publishing.explain import ExplainError, explain


def main() -> int:
    """Print what is behind a metric's number; 1 if that is not the number, or there is nothing to explain."""
    metric, day, channel = [*(word for word in sys.argv[1:] if "=" not in word), "", "", ""][:3]
    only = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
    try:
        if not (metric and day):
            raise ExplainError("say what, as in `make explain METRIC=leads DATE=2026-06-30 CHANNEL=email`")
        explained, adds_up = explain(metric, date.fromisoformat(day), channel or None, only)
    except ValueError as error:
        print(masked(f"not explained: {error}"), file=sys.stderr)
        return 1
    print(masked(explained))
    if not adds_up:
        print("not explained: the rows behind the number do not make it", file=sys.stderr)
    return 0 if adds_up else 1


if __name__ == "__main__":
    sys.exit(main())
