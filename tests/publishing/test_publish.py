"""What publishing promises its readers, on real DuckDB files and real folders."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from publishing.nights import build_file, current_run, manifest, published_dir, runs
from publishing.publish import PublishError, publish
from publishing.rollback import rollback

MARTS = {
    "core": "create table core.dim_people as select 'p1' as person_key, {spend} as spend",
    "marketing": "create table marketing.fct_spend as select range as spend_key, {spend} as spend from range(3)",
    "sales": "create table sales.dim_contacts as select 'p1' as person_key, 'ana@example.com' as email",
    "alignment": "create table alignment.fct_handoffs as select 'h1' as handoff_key",
}


def built(monkeypatch: pytest.MonkeyPatch, as_of: str, spend: int = 10) -> None:
    """A built warehouse for a day."""
    monkeypatch.setenv("AS_OF", as_of)
    build_file().parent.mkdir(parents=True, exist_ok=True)
    build_file().unlink(missing_ok=True)
    with duckdb.connect(str(build_file())) as connection:
        for schema, table in MARTS.items():
            connection.execute(f"create schema {schema}")
            connection.execute(table.format(spend=spend))


def read(name: str, query: str) -> list[tuple]:
    """What a reader of the published file sees, in a process of its own as a BI tool is."""
    path = published_dir() / "current" / f"{name}.duckdb"
    code = (
        "import duckdb, json\n"
        f"with duckdb.connect({str(path)!r}, read_only=True) as connection:\n"
        f"    print(json.dumps(connection.execute({query!r}).fetchall(), default=str))"
    )
    output = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [tuple(row) for row in json.loads(output)]


def test_a_reader_sees_the_published_night(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    night = publish()
    assert night["run"] == current_run() == "2026-06-30.1"
    assert night["tables"]["marketing.fct_spend"]["rows"] == 3
    assert read("marketing", "select sum(spend) from marketing.marketing.fct_spend") == [(30,)]
    parquet = published_dir() / "current" / "parquet" / "marketing" / "fct_spend.parquet"
    assert duckdb.execute(f"select sum(spend) from '{parquet}'").fetchone() == (30,)


def test_a_bi_tool_reads_what_tables_and_columns_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    for name in ("marketing", "sales"):
        tables = read(name, "select comment from duckdb_tables() where table_name = 'dim_people'")
        assert tables == [("Whom we know. One row per person. It's no ledger.",)]
        columns = read(name, "select distinct comment from duckdb_columns() where column_name = 'person_key'")
        assert ("The warehouse's name of the person.",) in columns


def test_marketing_reads_no_personal_data(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    schemas = "select distinct table_schema from information_schema.tables order by 1"
    assert read("marketing", schemas) == [("alignment",), ("core",), ("marketing",)]
    assert b"ana@example.com" not in (published_dir() / "current" / "marketing.duckdb").read_bytes()


def test_the_same_night_again_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    first = publish()
    built(monkeypatch, "2026-06-30")
    assert publish() == first
    assert runs() == ["2026-06-30.1"]


def test_the_same_day_with_other_numbers_is_another_night(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    first = publish()
    built(monkeypatch, "2026-06-30", spend=11)
    second = publish()
    assert second["run"] == "2026-06-30.2"
    assert first["tables"]["sales.dim_contacts"] == second["tables"]["sales.dim_contacts"]
    assert first["tables"]["marketing.fct_spend"] != second["tables"]["marketing.fct_spend"]


def test_a_checksum_does_not_depend_on_the_order_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    first = publish()
    with duckdb.connect(str(build_file())) as connection:
        connection.execute("create or replace table marketing.fct_spend as from marketing.fct_spend order by all desc")
    assert publish()["tables"] == first["tables"]


def test_a_reader_that_holds_a_night_keeps_reading_it(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    reader = duckdb.connect(str(published_dir() / "current" / "marketing.duckdb"), read_only=True)
    built(monkeypatch, "2026-07-01", spend=20)
    publish()
    assert reader.execute("select sum(spend) from marketing.marketing.fct_spend").fetchone() == (30,)
    reader.close()
    assert read("marketing", "select sum(spend) from marketing.marketing.fct_spend") == [(60,)]


POLLING_READER = """
import duckdb, sys, pathlib
path, stop = sys.argv[1], pathlib.Path(sys.argv[2])
query = (
    "select spend from marketing.marketing.fct_spend union select spend from marketing.core.dim_people"
)
reads, nights = 0, set()
while not stop.exists():
    with duckdb.connect(path, read_only=True) as connection:
        seen = connection.execute(query).fetchall()
    assert len(seen) == 1, f"half a night: {seen}"
    nights.add(seen[0][0])
    reads += 1
print(reads, len(nights))
"""


def test_a_reader_that_polls_through_ten_publishes_sees_only_whole_nights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    built(monkeypatch, "2026-07-01", spend=1)
    publish()
    arguments = [str(published_dir() / "current" / "marketing.duckdb"), str(tmp_path / "stop")]
    reader = subprocess.Popen([sys.executable, "-c", POLLING_READER, *arguments], stdout=subprocess.PIPE, text=True)
    for night in range(2, 12):
        built(monkeypatch, f"2026-07-{night:02}", spend=night)
        publish()
    (tmp_path / "stop").touch()
    told, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0
    reads, nights = map(int, told.split())
    assert reads > nights > 5


def test_seven_nights_are_kept_and_rollback_goes_back_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(1, 10):
        built(monkeypatch, f"2026-07-0{day}", spend=day)
        publish()
    assert runs() == [f"2026-07-0{day}.1" for day in range(3, 10)]
    assert rollback() == "2026-07-08.1"
    assert read("marketing", "select max(spend) from marketing.marketing.fct_spend") == [(8,)]
    assert rollback() == "2026-07-07.1"
    assert rollback("2026-07-09.1") == "2026-07-09.1"


def test_rollback_names_what_there_is_to_go_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    with pytest.raises(LookupError, match="no earlier night"):
        rollback()
    with pytest.raises(LookupError, match=r"no night 2020-01-01\.1; kept are: 2026-06-30\.1"):
        rollback("2020-01-01.1")


def test_an_old_day_built_again_is_published_and_can_be_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(1, 9):
        built(monkeypatch, f"2026-07-0{day}", spend=day)
        publish()
    built(monkeypatch, "2026-06-01")
    publish()
    assert current_run() == runs()[-1] == "2026-06-01.1"
    assert rollback() == "2026-07-08.1"


def test_a_killed_publishing_leaves_the_night_before_and_no_rubbish(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    half = published_dir() / ".writing-1"
    half.mkdir()
    (half / "marketing.duckdb").write_bytes(b"half a file")
    assert read("marketing", "select sum(spend) from marketing.marketing.fct_spend") == [(30,)]
    built(monkeypatch, "2026-07-01", spend=1)
    publish()
    assert not half.exists()


def test_published_files_are_read_only_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    files = [path for path in (published_dir() / "2026-06-30.1").rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o444"}
    assert not [path for path in files if path.suffix == ".wal"]


def test_nothing_built_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AS_OF", "2026-06-30")
    with pytest.raises(PublishError, match="run `make build` first"):
        publish()
    assert manifest() is None


def test_the_manifest_is_plain_json(monkeypatch: pytest.MonkeyPatch, warehouse: Path) -> None:
    built(monkeypatch, "2026-06-30")
    publish()
    night = json.loads((warehouse / "published" / "current" / "manifest.json").read_text())
    assert night["as_of"] == "2026-06-30"
    assert night["is_degraded"] is False
    assert os.readlink(warehouse / "published" / "current") == night["run"]


def with_links(*links: tuple[str, str]) -> None:
    """Records of the built warehouse, each with its person."""
    with duckdb.connect(str(build_file())) as connection:
        connection.execute("create table sales.fct_identity_links (record_key varchar, person_key varchar)")
        connection.executemany("insert into sales.fct_identity_links values (?, ?)", links)


def test_people_whose_key_changed_are_listed_with_the_one_they_have_now(monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, "2026-06-30")
    assert publish()["people_changed"] == []
    built(monkeypatch, "2026-07-01", spend=1)
    with_links(("r1", "p1"), ("r2", "p2"), ("r2", "p2"), ("r3", "p2"), ("r4", "p4"), ("r5", "p4"), ("gone", "p5"))
    assert publish()["people_changed"] == [], "the night before had no links"
    built(monkeypatch, "2026-07-02", spend=2)
    with_links(("r1", "p1"), ("r2", "p1"), ("r3", "p1"), ("r4", "p4"), ("r5", "r5"), ("new", "p1"))
    merged, parted = {"from": "p2", "to": "p1", "records": 2}, {"from": "p4", "to": "r5", "records": 1}
    assert publish()["people_changed"] == [merged, parted]
