"""One night of the sandbox company, loaded from its vendors and built once for all tests of this folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import holidays
import pytest

from ingestion import SOURCES
from ingestion.load import load
from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.files import write_files
from ingestion.sandbox.server import environment, serving
from ingestion.sandbox.world import World
from publishing.build import build
from publishing.nights import build_file
from tests.warehouse.truth import GONE, records_of

BY_HAND = Path("tests/warehouse/by_hand.sql")


@dataclass(frozen=True)
class Night:
    """The company as it really is (`world.truth`), and the warehouse built from what its vendors tell."""

    world: World
    warehouse: Path

    def rows(self, query: str) -> list[tuple]:
        """The answer of the built warehouse, read only."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="session", params=[0.1, pytest.param(1, marks=pytest.mark.prove)], ids="scale_{}".format)
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The company's first night through every source and model, for the long proofs at full scale."""
    folder = tmp_path_factory.mktemp("night")
    world = company(FIRST_NIGHT, scale=request.param)
    write_files(world, folder / "files")
    with serving(world) as url, pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAREHOUSE_DIR", str(folder / "warehouse"))
        settings.setenv("AS_OF", FIRST_NIGHT.isoformat())
        settings.setenv("SOURCES__FILES__BUCKET_URL", str(folder / "files"))
        for name, value in environment(url).items():
            settings.setenv(name, value)
        for source in SOURCES:
            load(source, until=FIRST_NIGHT)
        assert build(), "dbt failed a model or a critical test"
        return Night(world, build_file())


@pytest.fixture(scope="session")
def raw(night: Night) -> Iterator[duckdb.DuckDBPyConnection]:
    """The night's raw files, read only, with the macros and views of `by_hand.sql`."""
    years = range(night.world.as_of.year - 3, night.world.as_of.year + 2)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for path in (night.warehouse.parent.parent / "raw").glob("*.duckdb"):
            connection.execute(f"attach '{path}' as {path.stem} (read_only)")
        connection.execute("create table holidays (holiday date)")
        closed = [[day] for day in holidays.country_holidays("US", years=years)]
        connection.executemany("insert into holidays values (?)", closed)
        connection.execute(BY_HAND.read_text())
        yield connection


@pytest.fixture(scope="session")
def keys(night: Night) -> dict[tuple[str, str], str]:
    """The person's key of every record."""
    return {
        (source, record): key
        for source, record, key in night.rows(
            "select source, source_person_id, person_key from intermediate.int_people__resolved"
        )
    }


@pytest.fixture(scope="session")
def key_of(night: Night, keys: dict) -> dict[str, str]:
    """The warehouse's key of every person of the truth who still exists."""
    return {
        person["person_id"]: keys[record]
        for person in night.world.truth["people"]
        for record in records_of(person)
        if record in keys and person["exclusion_reason"] not in GONE
    }


@pytest.fixture(scope="session")
def owner_of(night: Night) -> Callable[[str, str | None], str | None]:
    """The owner_key of a rep by the system that names them."""
    rows = night.rows("select source, source_owner_id, owner_key from intermediate.int_owners__resolved")
    keys = {(source, owner_id): key for source, owner_id, key in rows}
    return lambda system, owner_id: keys[system, owner_id] if owner_id else None
