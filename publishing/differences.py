"""What a night leaves out, and whom it no longer tells: counted for its report, so that nothing vanishes in silence."""

import duckdb

from ingestion.settings import raw_file
from publishing.nights import build_file, current_run, published_dir

LEFT_OUT = """
    select 'person: ' || exclusion_reason as reason, count(*) as left_out
    from build.intermediate.int_people__excluded group by all
    union all
    select 'stage that is not mapped: ' || crm || ' ' || crm_stage, events
    from build.intermediate.int_stage_events__unmapped group by all
    order by reason
"""
BAD_ROWS = "select 'bad row in ' || file, count(*) from files.raw.bad_rows group by all order by 1"
PEOPLE_GONE = """
    select person_key from last_night.core.dim_people
    except select person_key from build.core.dim_people
    order by person_key
"""


def left_out() -> dict[str, int]:
    """Rows that are in no published table, by reason: excluded people, unmapped stages, bad rows of files."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build_file()}' as build (read_only)")
        counts = dict(connection.execute(LEFT_OUT).fetchall()) if _has_intermediates(connection) else {}
        if raw_file("files").exists():
            connection.execute(f"attach '{raw_file('files')}' as files (read_only)")
            counts |= dict(connection.execute(BAD_ROWS).fetchall())
    return counts


def people_gone() -> list[str]:
    """Person keys that readers see now and not in this night: merged into an older record, left out or erased."""
    if current_run() is None:
        return []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build_file()}' as build (read_only)")
        connection.execute(f"attach '{published_dir() / 'current' / 'marketing.duckdb'}' as last_night (read_only)")
        return [key for (key,) in connection.execute(PEOPLE_GONE).fetchall()]


def _has_intermediates(connection: duckdb.DuckDBPyConnection) -> bool:
    names = "select count(*) from duckdb_tables() where database_name = 'build' and schema_name = 'intermediate'"
    return connection.execute(names).fetchone()[0] > 0
