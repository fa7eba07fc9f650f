"""Builds with dbt: of the sandbox company at two scales, and of a crowd."""

import os
import tempfile
from collections import defaultdict
from pathlib import Path

import duckdb

from ingestion import SOURCES
from ingestion.load import create_tables, load
from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.files import write_files
from ingestion.sandbox.server import environment, serving
from publishing.build import build, results
from publishing.nights import build_file
from tests.bench.crowd_files import write_crowd
from tests.bench.measuring import measured, show, timed

LAYERS = {"stg": "staging", "int": "intermediate"}
SLOWEST = 10


def builds() -> list[dict]:
    """Seconds to load each source of the sandbox company and to build it, at two scales."""
    rows = []
    for scale in (1.0, 10.0):
        with tempfile.TemporaryDirectory() as folder:
            os.environ.update(WAREHOUSE_DIR=folder, AS_OF=FIRST_NIGHT.isoformat())
            world = company(FIRST_NIGHT, scale=scale)
            write_files(world, Path(folder, "files"))
            with serving(world) as url:
                os.environ.update(environment(url), SOURCES__FILES__BUCKET_URL=str(Path(folder, "files")))
                loading = {source: timed(lambda source=source: load(source, FIRST_NIGHT)) for source in SOURCES}
            show([loading])
            rows.append({"scale": scale, "load": sum(loading.values()), **_built(), "load_by_source": loading})
    return rows


def crowd() -> list[dict]:
    """Seconds to load and to build a night of a crowd's files, and what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        write_crowd(Path(folder, "files"))
        os.environ.update(WAREHOUSE_DIR=folder, AS_OF=FIRST_NIGHT.isoformat())
        os.environ.update(SOURCES__FILES__BUCKET_URL=str(Path(folder, "files")))
        for source in SOURCES:
            create_tables(source)
        loading = measured(lambda: load("files", FIRST_NIGHT))
        row = {"load": loading.seconds, "load_peak_mib": loading.peak_mib, **_built()}
        show([_counted()])
        return [row | {"counted": _counted()}]


def _built() -> dict:
    """A build's seconds (in all, by layer and by model: threads overlap, so the parts sum to more) and peak memory."""
    building = measured(build)
    by_model = _seconds_by_model()
    layers: dict[str, float] = defaultdict(float)
    for name, seconds in by_model.items():
        layers[LAYERS.get(name.split("_")[0], "marts")] += seconds
    layers["seeds"] = _seconds("seed")
    layers["tests"] = _seconds("test")
    slowest = sorted(by_model.items(), key=lambda one: one[1], reverse=True)[:SLOWEST]
    show([{"model": name, "seconds": seconds} for name, seconds in slowest])
    return {"build": building.seconds, "build_peak_mib": building.peak_mib, **layers, "by_model": by_model}


def _seconds_by_model() -> dict[str, float]:
    return {
        result["unique_id"].split(".")[-1]: round(result["execution_time"], 2)
        for result in results()
        if result["unique_id"].startswith("model.")
    }


def _seconds(kind: str) -> float:
    return sum(result["execution_time"] for result in results() if result["unique_id"].startswith(f"{kind}."))


def _counted() -> dict[str, int]:
    """How large the night was: people, touches, conversions of each type, rows of credit."""
    with duckdb.connect(str(build_file()), read_only=True) as connection:
        counted = dict(
            connection.execute(
                "select conversion_type, count(*) from intermediate.int_conversions__derived group by 1 order by 1"
            ).fetchall()
        )
        for table in ("core.dim_people", "core.fct_touches", "marketing.fct_attribution"):
            counted[table] = connection.execute(f"select count(*) from {table}").fetchone()[0]
        counted["touches of the longest path"] = connection.execute(
            "select max(touches) from intermediate.int_touches__pathed"
        ).fetchone()[0]
    return counted
