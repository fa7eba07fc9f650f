"""HubSpot: contacts, companies, deals, leads, sales activities, their history, associations, merges and deletions.

What changed is found by search, every night, from the last change seen. Once a week, and the first time, everything is
listed instead: that has no ceiling, brings history along, and shows what search never tells (a restored record, one
that vanished). Associations change without their records changing, so all of them are compared every night, a thousand
records a request. Nothing is ever removed but an association that HubSpot no longer tells while both its ends live:
archived, purged and merged records stay with what was known.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import dlt
import pyarrow as pa
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from ingestion.columns import arrow_table, hints
from ingestion.http import VendorClient
from ingestion.sources._hubspot.api import Crm, hubspot_problem, listed_associations, milliseconds
from ingestion.sources._hubspot.tables import (
    ASSOCIATIONS,
    KINDS,
    TABLES,
    Edges,
    Kind,
    association_ends,
    association_rows,
    association_table,
    losers,
    record_rows,
)
from ingestion.windows import refuse_implausible

# The search index is eventually consistent: what changed this long before the last change seen is asked for again.
SEARCH_LAG = timedelta(minutes=10)
FULL_LIST_EVERY = timedelta(days=7)


@dlt.source(name="hubspot", max_table_nesting=0)
def hubspot(
    until: date,
    since: date | None = None,
    base_url: str = "https://api.hubapi.com",
    access_token: str = dlt.secrets.value,
    api_version: str = "2026-09",
    searches_per_second: float = 4.0,
    left_out: list[str] | None = None,
) -> Iterable[DltResource]:
    """The whole CRM as it is now, and every change of the properties that tell stages, owners and web sources.

    Property values stay text as HubSpot gives them. `since` asks again for all that changed from that day on. HubSpot
    allows an account about five searches a second. `left_out` names object types the account does not have (leads need
    Sales Hub): their tables stay empty.
    """
    settings = {"auth": BearerTokenAuth(access_token), "secrets": [access_token], "problem": hubspot_problem}
    crm = Crm(
        VendorClient("hubspot", base_url, **settings),
        VendorClient("hubspot", base_url, requests_per_second=searches_per_second, **settings),
        api_version,
    )
    kinds = [kind for kind in KINDS if kind.name not in (left_out or ())]
    pulled = dlt.resource(pull(crm, kinds, until, since), name="crm")
    for name, table in TABLES.items():
        columns = hints(table.fields)
        if "is_removed" in columns:
            columns["is_removed"]["hard_delete"] = True
        yield dlt.transformer(
            _rows_of(name),
            data_from=pulled,
            name=name,
            columns=columns,
            primary_key=table.key,
            write_disposition="merge",
        )


def _rows_of(name: str) -> Callable[[dict[str, list[dict]]], Iterator[pa.Table]]:
    """A transformer that takes its table's rows out of what was pulled."""

    def rows(pulled: dict[str, list[dict]]) -> Iterator[pa.Table]:
        if pulled.get(name):
            yield arrow_table(pulled[name], TABLES[name].fields, f"hubspot {name}")

    return rows


def pull(crm: Crm, kinds: list[Kind], until: date, since: date | None) -> Iterator[dict[str, list[dict]]]:
    """Rows by table: records that live, records that are archived, the associations between them, and the settings."""
    state = dlt.current.source_state()
    stored = Stored.of(dlt.current.pipeline())
    changed_until = state.setdefault("changed_until", {})
    is_full = "listed_on" not in state or until - date.fromisoformat(state["listed_on"]) >= FULL_LIST_EVERY
    live = {kind.name: set() for kind in kinds}
    archived = {kind.name: set() for kind in kinds}
    merged = {kind.name: set(stored.merged[kind.name]) for kind in kinds}

    for kind in kinds:
        # Asked first: what changes while we pull is found by the next search.
        latest_change = crm.latest_change(kind)
        start = _search_start(changed_until.get(kind.name, 0), since)
        pages = crm.listed(kind) if is_full else crm.changed(kind, start)
        for page in pages:
            live[kind.name].update(record["id"] for record in page)
            merged[kind.name].update(loser for record in page for loser in losers(record))
            yield record_rows(kind, page)
        changed_until[kind.name] = max(changed_until.get(kind.name, 0), latest_change)

    told: dict[tuple[str, str], Edges] = {}
    for kind, to_kind in ASSOCIATIONS:
        if kind not in live or to_kind not in live:
            continue
        asked = live[kind] if is_full else live[kind] | stored.live[kind] - merged[kind]
        told[kind, to_kind] = crm.associations(kind, to_kind, sorted(asked))

    # After the associations: what is archived meanwhile counts as archived when they are compared.
    for kind in kinds:
        for page in crm.listed(kind, is_archived=True, to_kinds=live):
            archived[kind.name].update(record["id"] for record in page)
            for ends, ids, is_primary in listed_associations(kind.name, page):
                told[ends][ids] = told[ends].get(ids, False) or is_primary
            yield record_rows(kind, page)
        if is_full:
            vanished = stored.live[kind.name] - live[kind.name] - archived[kind.name] - merged[kind.name]
            refuse_implausible(kind.name, len(stored.live[kind.name]), len(stored.live[kind.name] - vanished))
            archived[kind.name] |= vanished
            yield record_rows(kind, stored.vanished_records(kind, vanished, until))
        archived[kind.name] |= stored.archived[kind.name] - live[kind.name]

    for ends, edges in told.items():
        gone = [archived[ends[0]] | merged[ends[0]], archived[ends[1]]]
        yield _association_changes(crm, ends, edges, stored.associations[ends], gone, merged[ends[1]])

    yield {"owners": list(crm.owners()), "pipeline_stages": list(crm.pipeline_stages(live))}
    if is_full:
        state["listed_on"] = until.isoformat()


def _association_changes(
    crm: Crm, kinds: tuple[str, str], told: Edges, known: Edges, gone: list[set[str]], to_merged: set[str]
) -> dict[str, list[dict]]:
    """The associations that are new, and those to be removed. `gone`: the records of either kind that live no more."""
    table = association_table(*kinds)
    new = {edge: is_primary for edge, is_primary in told.items() if known.get(edge) != is_primary}
    untold = {edge for edge in known.keys() - told.keys() if edge[0] not in gone[0] and edge[1] not in gone[1]}
    refuse_implausible(table, len(known), len(known.keys() - untold))
    # HubSpot does not say why an association is told no more; where an end is gone too, it is kept.
    alive = crm.alive(kinds[0], {edge[0] for edge in untold})
    to_alive = crm.alive(kinds[1], {edge[1] for edge in untold}) | to_merged
    removed = {edge for edge in untold if edge[0] in alive and edge[1] in to_alive}
    return {table: association_rows(kinds, new, removed)}


@dataclass(frozen=True)
class Stored:
    """What raw already holds: ids by kind of record, and the known associations, each with whether it is primary."""

    pipeline: dlt.Pipeline
    live: dict[str, set[str]]
    archived: dict[str, set[str]]
    merged: dict[str, set[str]]
    associations: dict[tuple[str, str], Edges]

    @classmethod
    def of(cls, pipeline: dlt.Pipeline) -> "Stored":
        """Read it; the loader has created every table."""
        with pipeline.sql_client() as client:

            def ids(query: str) -> set[str]:
                return {record_id for (record_id,) in client.execute_sql(query)}

            associations = {}
            for kinds in ASSOCIATIONS:
                from_id, to_id = association_ends(*kinds)
                edges = client.execute_sql(f"select {from_id}, {to_id}, is_primary from {association_table(*kinds)}")
                associations[kinds] = {(from_id, to_id): is_primary for from_id, to_id, is_primary in edges}
            return cls(
                pipeline,
                {kind.name: ids(f"select id from {kind.name} where not archived") for kind in KINDS},
                {kind.name: ids(f"select id from {kind.name} where archived") for kind in KINDS},
                {kind.name: ids(f"select id from {kind.merges_table}") if kind.merges else set() for kind in KINDS},
                associations,
            )

    def vanished_records(self, kind: Kind, ids: set[str], day: date) -> list[dict]:
        """The records, as last told, that vanished without a trace: archived on the day that was noticed."""
        if not ids:
            return []
        columns = ["id", "created_at", "updated_at", *kind.properties]
        query = f"select {', '.join(columns)} from {kind.name} where id in ({', '.join(['%s'] * len(ids))})"
        with self.pipeline.sql_client() as client:
            rows = client.execute_sql(query, *sorted(ids))
        noticed_at = datetime.combine(day, time(), UTC)
        return [
            {
                "id": record_id,
                "archived": True,
                "createdAt": created_at,
                "updatedAt": updated_at,
                "archivedAt": noticed_at,
                "properties": dict(zip(kind.properties, properties, strict=True)),
            }
            for record_id, created_at, updated_at, *properties in rows
        ]


def _search_start(changed_until: int, since: date | None) -> int:
    """From when on to search, in epoch milliseconds."""
    start = max(0, changed_until - SEARCH_LAG // timedelta(milliseconds=1))
    return start if since is None else min(start, milliseconds(datetime.combine(since, time(), UTC)))
