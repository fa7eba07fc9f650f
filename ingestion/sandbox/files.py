"""The folder the company hands over: the files of the contract, as teams really send them.

Event logs come as one CSV a month, exchange rates as Parquet, the rest as one CSV each. Some rows are broken on purpose
(`BAD_ROWS`): the files source keeps them aside, with file, line and reason, and loads the rest.
"""

import csv
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.sandbox.world import World

MONTHLY = {"web_events": "occurred_at", "touches": "touched_at"}
PARQUET = {"fx_rates"}
# Typed in by hand: text in a number's or a moment's place, a day that does not exist.
BAD_ROWS = {
    "spend": [
        {"spend_id": "flight-bad-1", "channel": "print", "start_date": "2026-02-01", "end_date": "2026-02-10",
         "amount": "about 500", "currency": "EUR"},
        {"spend_id": "flight-bad-2", "channel": "outdoor", "start_date": "2026-02-30", "end_date": "2026-03-02",
         "amount": "120.00", "currency": "EUR"},
    ],
    "activities": [
        {"activity_id": "act-bad-1", "activity_type": "call", "owner_id": "p-1", "occurred_at": "next Tuesday"},
    ],
}  # fmt: skip


def write_files(world: World, folder: Path) -> list[Path]:
    """Write every file of the contract into the folder (made if missing); the same world writes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in world.files.items():
        if not rows:
            continue
        if name in PARQUET:
            written.append(folder / f"{name}.parquet")
            pq.write_table(pa.Table.from_pylist(rows), written[-1])
            continue
        for suffix, part in _parts(name, rows).items():
            written.append(folder / f"{name}{suffix}.csv")
            _write_csv(written[-1], part + BAD_ROWS.get(name, []))
    return written


def _parts(name: str, rows: list[dict[str, object]]) -> dict[str, list[dict[str, object]]]:
    """The rows by the file they stand in."""
    if name not in MONTHLY:
        return {"": rows}
    parts = defaultdict(list)
    for row in rows:
        parts[f"_{row[MONTHLY[name]]:%Y-%m}"].append(row)
    return dict(sorted(parts.items()))


def _write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _text(value) for name, value in row.items()})


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
        case date():
            return value.isoformat()
        case _:
            return str(value)
