"""Measure, print tables and keep the numbers in `bench.json` of `WAREHOUSE_DIR`.

    python -m tests.bench [loads] [builds] [crowd] [nights]       (default: all)

- loads: 200,000 ad rows and 200,000 email events over HTTP from the sandbox, each way in this one run: our source,
  dlt's default load format fed with the same pages, and DuckDB's own `read_json` of them (no types, no keys).
- builds: seconds of dbt work by layer, and of the whole build, at SANDBOX_SCALE 1 and 10.
- crowd: a night of 100,000 people, 1,000,000 touches and 20,000 won deals from files: seconds of every model.
- nights: the first night, and the same night again: the fixed cost of a night that has nothing to do.

Times are seconds of wall clock and include HTTP; the server is a process of its own on this machine. Memory is the peak
of all processes of a step together, in MiB.
"""

import json
import os
import sys
from datetime import date

from ingestion.settings import warehouse_dir
from tests.bench.builds import builds, crowd
from tests.bench.loads import loads
from tests.bench.measuring import show
from tests.bench.nights import nights

PARTS = {"loads": loads, "builds": builds, "crowd": crowd, "nights": nights}


def main() -> None:
    """Measure what is asked for and keep it."""
    path = warehouse_dir() / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    measured = json.loads(path.read_text()) if path.exists() else {}
    for part in sys.argv[1:] or PARTS:
        before = dict(os.environ)
        measured[part] = PARTS[part]()
        os.environ.clear()
        os.environ.update(before)
        show(measured[part])
        path.write_text(json.dumps({**measured, "measured_on": date.today().isoformat()}, indent=2) + "\n")
    print(f"kept in {path}")


if __name__ == "__main__":
    main()
