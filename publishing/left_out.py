"""What a night leaves out: counted for its report, so that nothing vanishes in silence."""

from collections import Counter

import duckdb

from ingestion.masking import masked
from ingestion.settings import raw_file
from publishing.nights import build_file

LEFT_OUT = """
    select 'person: ' || exclusion_reason as reason, count(*) as left_out
    from build.intermediate.int_people__excluded group by all
    union all
    select 'stage that is not mapped: ' || crm || ' ' || crm_stage, events
    from build.intermediate.int_stage_events__unmapped group by all
    union all
    select 'outcome that is not mapped: ' || source || ' ' || source_outcome, activities
    from build.intermediate.int_activity_outcomes__unmapped
    union all
    select 'activity without a time: ' || source || ' ' || activity_type, count(*)
    from build.intermediate.int_activities__undated group by all
    union all
    select 'won deal without a closing moment: ' || source, count(*)
    from build.intermediate.int_deals__undated group by all
    union all
    select 'subscription: ' || reason, count(*)
    from build.intermediate.int_subscription_changes__strayed group by all
    union all
    select 'shared identifier: ' || identifier_type || ' ' || refusal_reason, count(distinct identifier)
    from build.intermediate.int_identities__judged where not is_bound group by identifier_type, refusal_reason
    union all
    select 'touch without a person: ' || source || ' ' || reason, touches
    from build.intermediate.int_touches__unowned
    order by reason
"""
BAD_ROWS = "select 'bad row in ' || file, count(*) from files.raw.bad_rows group by all order by 1"


def left_out() -> dict[str, int]:
    """What is in no published number, by reason: rows left out, and identifiers that were not let to join people."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build_file()}' as build (read_only)")
        counts = dict(connection.execute(LEFT_OUT).fetchall()) if _has_intermediates(connection) else {}
        if raw_file("files").exists():
            connection.execute(f"attach '{raw_file('files')}' as files (read_only)")
            counts |= dict(connection.execute(BAD_ROWS).fetchall())
    told: Counter[str] = Counter()
    for reason, rows in counts.items():
        told[masked(reason)] += rows
    return dict(told)


def _has_intermediates(connection: duckdb.DuckDBPyConnection) -> bool:
    names = "select count(*) from duckdb_tables() where database_name = 'build' and schema_name = 'intermediate'"
    return connection.execute(names).fetchone()[0] > 0
