"""Pulling vendors' data into raw DuckDB files, one file a source.

`SOURCES` lists the files of `ingestion/sources/`: adding a file there adds a source.
Knows nothing of dbt, Great Expectations or Airflow.
"""

from pathlib import Path

SOURCES: tuple[str, ...] = tuple(
    sorted(path.stem for path in (Path(__file__).parent / "sources").glob("*.py") if path.stem != "__init__")
)
