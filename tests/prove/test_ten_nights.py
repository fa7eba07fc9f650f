"""Ten nights one by one, with nights missed, in one backfill, or loaded for the first time at their end: one truth.

What vendors no longer tell on the last night (purged contacts, contacts merged away, ad clicks past their 90 days) is
derived from the company itself, held against raw record by record, and shown to be all that differs.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pytest

from ingestion import SOURCES
from ingestion.load import load
from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.files import write_files
from ingestion.sandbox.server import environment, serving
from ingestion.sandbox.world import World
from ingestion.sources.google_ads import CLICK_DAYS
from publishing.build import build
from publishing.nights import KEPT_NIGHTS, build_file, current_run, manifest, runs
from publishing.publish import checksums, publish

pytestmark = pytest.mark.prove

DAYS = [FIRST_NIGHT + timedelta(days=age) for age in range(10)]
LAST = DAYS[-1]
# The loader's own notes, which tell when was loaded and not what.
NOTES = ("configuration", "loads", "volumes")
Record = tuple[str, ...]


@cache
def world(day: date) -> World:
    return company(day, scale=0.03)


@contextmanager
def at_night(folder: Path, day: date, told: World | None = None) -> Iterator[None]:
    """The warehouse in `folder`, and every source pointed at the company as it is on that day, or is `told` then."""
    told = told or world(day)
    write_files(told, folder / "files")
    with serving(told) as url, pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAREHOUSE_DIR", str(folder))
        settings.setenv("AS_OF", day.isoformat())
        settings.setenv("SOURCES__FILES__BUCKET_URL", str(folder / "files"))
        for name, value in environment(url).items():
            settings.setenv(name, value)
        yield


def load_all(until: date, since: date | None = None) -> None:
    for source in SOURCES:
        load(source, until, since)


def tables_built() -> dict[str, dict]:
    """Rows and checksum of every table that would be published."""
    assert build(), "dbt failed a model or a critical test"
    return checksums(build_file())


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the company's first night in raw; tests take copies."""
    folder = tmp_path_factory.mktemp("first")
    with at_night(folder, FIRST_NIGHT):
        load_all(FIRST_NIGHT)
    return folder


@pytest.fixture(scope="module")
def ten_nights(first_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that loaded, built and published each of the ten nights."""
    folder = shutil.copytree(first_night, tmp_path_factory.mktemp("ten") / "warehouse")
    for day in DAYS:
        with at_night(folder, day):
            load_all(day)
            assert build(), f"dbt failed a model or a critical test on {day}"
            assert publish()["run"] == f"{day}.1"
    return folder


@pytest.fixture
def published(ten_nights: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """The manifest of the tenth night."""
    monkeypatch.setenv("WAREHOUSE_DIR", str(ten_nights))
    return manifest()


def test_each_night_is_published_and_seven_are_kept(published: dict) -> None:
    assert runs() == [f"{day}.1" for day in DAYS[-KEPT_NIGHTS:]]
    assert current_run() == published["run"] == f"{LAST}.1"
    assert not published["is_degraded"]
    spend = [manifest(run)["tables"]["marketing.fct_spend"]["rows"] for run in runs()]
    assert spend == sorted(set(spend)), "a night added nothing"


def test_one_backfill_of_missed_nights_gives_the_same_tables(
    first_night: Path, ten_nights: Path, published: dict, tmp_path: Path
) -> None:
    folder = shutil.copytree(first_night, tmp_path / "backfill")
    with at_night(folder, LAST):
        load_all(LAST, since=DAYS[1])
        assert missing_rows(ten_nights, folder) == missing_rows(folder, ten_nights) == {}
        assert tables_built() == published["tables"]


def test_skipped_nights_leave_no_trace(first_night: Path, ten_nights: Path, published: dict, tmp_path: Path) -> None:
    folder = shutil.copytree(first_night, tmp_path / "skipped")
    for day in (DAYS[1], DAYS[4], LAST):
        with at_night(folder, day):
            load_all(day)
    with at_night(folder, LAST):
        assert missing_rows(ten_nights, folder) == missing_rows(folder, ten_nights) == {}
        assert tables_built() == published["tables"]


def test_a_first_load_lacks_only_what_the_vendors_tell_no_more(
    ten_nights: Path, published: dict, tmp_path: Path
) -> None:
    """Given exactly those records, it builds the very tables of the ten nights."""
    folder = tmp_path / "fresh"
    salt = Path("raw", "identity.duckdb")  # another salt would make other hashes of the same identifiers
    (folder / salt).parent.mkdir(parents=True)
    shutil.copy(ten_nights / salt, folder / salt)
    with at_night(folder, LAST):
        load_all(LAST)
        missing = missing_rows(ten_nights, folder)
        records = {record for rows in missing.values() for record in rows}
        print(*sorted(records), sep="\n")
        assert records == told_no_more()
        assert {kind for kind, *_ in records} == {"contact", "click"}, "the company's ten nights lost nothing"
        assert missing_rows(folder, ten_nights) == {}
        for source, table in missing:
            give(source, table, ten_nights, folder)
        assert tables_built() == published["tables"]


def told_no_more() -> set[Record]:
    """The records that a vendor told on some night, and does not tell on the last."""
    contacts = {("contact", contact.contact_id) for day in DAYS for contact in world(day).contacts if told(contact)}
    still_told = {("contact", contact.contact_id) for contact in world(LAST).contacts if told(contact)}
    oldest = LAST - timedelta(days=CLICK_DAYS)
    first_asked = FIRST_NIGHT - timedelta(days=CLICK_DAYS)
    clicks = {
        ("click", click.click_id)
        for click in world(LAST).clicks
        if click.platform == "google_ads" and first_asked <= click.day < oldest
    }
    return (contacts - still_told) | clicks


def told(contact) -> bool:
    """Whether a contact has a record of its own: one merged away shows only through its survivor."""
    return contact.merged_into is None


def raw_tables(source: str, one: Path, other: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, str, str]]:
    """Each raw table of a source with its columns, on a connection that has `one` and `other` attached."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}/raw/{source}.duckdb' as one (read_only)")
        connection.execute(f"attach '{other}/raw/{source}.duckdb' as other")
        for table, columns in connection.execute(
            "select table_name, string_agg(column_name, ', ' order by column_index) from duckdb_columns() "
            "where database_name = 'one' and schema_name = 'raw' and not starts_with(table_name, '_dlt') "
            "and not starts_with(column_name, '_dlt') group by table_name order by table_name"
        ).fetchall():
            if table not in NOTES:
                yield connection, table, columns


def missing_rows(one: Path, other: Path) -> dict[tuple[str, str], set[Record]]:
    """The records whose raw rows `one` has and `other` lacks, by source and table."""
    missing = {}
    for source in SOURCES:
        for connection, table, columns in raw_tables(source, one, other):
            rows = connection.execute(
                f"select {columns} from one.raw.{table} except all select {columns} from other.raw.{table}"
            )
            names = [column[0] for column in rows.description]
            if found := {record(table, dict(zip(names, row, strict=True))) for row in rows.fetchall()}:
                missing[source, table] = found
    return missing


def record(table: str, row: dict) -> Record:
    """The vendor's record that a raw row belongs to."""
    if table == "clicks":
        return ("click", row["gclid"])
    if table in ("contacts", "contact_history"):
        return ("contact", row["id"])
    return ("contact", row["contact_id"]) if "contact_id" in row else (table, *map(str, row.values()))


def give(source: str, wanted: str, one: Path, other: Path) -> None:
    """Add to `other` the rows of a raw table that only `one` has."""
    for connection, table, columns in raw_tables(source, one, other):
        if table == wanted:
            connection.execute(
                f"insert into other.raw.{table} by name "
                f"select {columns}, '' as _dlt_load_id, cast(uuid() as varchar) as _dlt_id from "
                f"(select {columns} from one.raw.{table} except all select {columns} from other.raw.{table})"
            )
