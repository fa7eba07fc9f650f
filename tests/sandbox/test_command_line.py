"""`python -m ingestion.sandbox`: what the README tells people to type."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import duckdb

from ingestion.sandbox.__main__ import main
from ingestion.sandbox.files import BAD_ROWS


def test_files_follow_the_environment(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("AS_OF", "2025-02-28")
    monkeypatch.setenv("SANDBOX_SCALE", "0.05")
    main(["files", "--out", str(tmp_path)])
    assert str(tmp_path) in capsys.readouterr().out
    with (tmp_path / "people.csv").open(encoding="utf-8", newline="") as file:
        created = [row["created_at"] for row in csv.DictReader(file)]
    assert "2025-01-01" <= min(created) <= max(created) < "2025-03-01"
    assert {path.name for path in tmp_path.glob("web_*")} == {"web_events_2025-01.csv", "web_events_2025-02.csv"}
    assert (tmp_path / "fx_rates.parquet").exists()


def test_the_broken_rows_are_in_the_files_and_in_no_truth(tmp_path: Path, world):
    main(["files", "--scale", "0.05", "--out", str(tmp_path)])
    for name, rows in BAD_ROWS.items():
        told = (tmp_path / f"{name}.csv").read_text(encoding="utf-8")
        for row in rows:
            key = next(iter(row))
            assert row[key] in told
            assert row[key] not in {good[key] for good in world.files[name]}


def test_truth_is_written_as_parquet(tmp_path: Path):
    main(["truth", "--as-of", "2025-06-30", "--scale", "0.05", "--out", str(tmp_path)])
    with duckdb.connect() as connection:
        people = connection.execute(f"select count(*) from '{tmp_path}/people.parquet'").fetchone()[0]
    assert people > 0


def test_serving_tells_how_to_point_the_sources_at_it(tmp_path: Path):
    command = [sys.executable, "-m", "ingestion.sandbox", "serve", "--as-of", "2025-02-01", "--scale", "0.02"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as server:
        try:
            lines = []
            while not lines or not lines[-1].startswith("# Ctrl-C"):
                line = server.stdout.readline()
                assert line, "".join(lines)
                lines.append(line)
        finally:
            server.terminate()
    exported = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines if line.startswith("export "))
    assert exported["SOURCES__HUBSPOT__BASE_URL"].startswith("http://127.0.0.1:")
    assert exported["SOURCES__FILES__BUCKET_URL"].startswith("file://")
    assert list(tmp_path.glob("people*.csv"))


def test_settings_of_a_server_elsewhere_can_be_appended_to_a_settings_file(capsys):
    main(["settings", "--url", "http://sandbox:8400", "--as-of", "2026-06-30"])
    told = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    assert told["AS_OF"] == "2026-06-30"
    assert told["SOURCES__HUBSPOT__BASE_URL"] == "http://sandbox:8400/hubspot"
    assert told["SOURCES__FILES__BUCKET_URL"].endswith("/sandbox/files")
