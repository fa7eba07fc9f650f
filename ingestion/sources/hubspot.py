"""HubSpot: contacts, companies, deals, leads, sales activities, their history, associations, merges and deletions.

What changed is found by search, every night, from the last change seen. Once a week, and the first time, everything is
listed instead: that has no ceiling, brings history along, and shows what search never tells (a restored record, one
that vanished). Associations change without their records changing, so all of them are compared every night, a thousand
records a request. Nothing is ever removed but an association that HubSpot no longer tells while both its ends live:
archived, purged and merged records stay with what was known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import dlt
import pyarrow as pa
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import Response

from ingestion.http import Problem, VendorClient, json_body, status_problem
from ingestion.windows import IMPLAUSIBLE_SHARE, JUDGED_ROWS, ImplausibleAnswerError

# The search index is eventually consistent: what changed this long before the last change seen is asked for again.
SEARCH_LAG = timedelta(minutes=10)
FULL_LIST_EVERY = timedelta(days=7)
SEARCH_PAGE, LIST_PAGE, HISTORY_PAGE, ASSOCIATIONS_BATCH = 200, 100, 50, 1000
# Seconds until a throttle of HubSpot's passes; the daily one does not.
THROTTLE_SECONDS = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}


@dataclass(frozen=True)
class Kind:
    """An object type of the CRM: the properties kept, those kept with history, and whether records of it merge."""

    name: str
    properties: tuple[str, ...]
    with_history: tuple[str, ...] = ()
    modified: str = "hs_lastmodifieddate"
    merges: bool = False


CAMPAIGN_PROPERTIES = (
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_id",
    "hs_google_click_id",
    "hs_facebook_click_id",
)
LATEST_SOURCE = (
    "hs_latest_source",
    "hs_latest_source_data_1",
    "hs_latest_source_data_2",
    "hs_latest_source_timestamp",
)
ACTIVITY_PROPERTIES = ("hs_timestamp", "hubspot_owner_id", "hs_object_source", "hs_createdate", "hs_lastmodifieddate")
KINDS = (
    Kind(
        "contacts",
        (
            *("email", "firstname", "lastname", "phone", "company", "country", "lifecyclestage", "hs_lead_status"),
            *("hubspot_owner_id", "createdate", "lastmodifieddate", "segment", "is_test", "referred_by"),
            *("hs_analytics_source", "hs_analytics_source_data_1", "hs_analytics_source_data_2"),
            *("hs_analytics_first_timestamp", *LATEST_SOURCE, *CAMPAIGN_PROPERTIES),
            *("recent_conversion_date", "recent_conversion_event_name"),
            *("hs_merged_object_ids", "hs_calculated_merged_vids"),
        ),
        with_history=(
            *("lifecyclestage", "hs_lead_status", "hubspot_owner_id", *LATEST_SOURCE, *CAMPAIGN_PROPERTIES),
            "recent_conversion_date",
        ),
        modified="lastmodifieddate",
        merges=True,
    ),
    Kind(
        "companies",
        (
            *("name", "domain", "country", "industry", "segment", "hubspot_owner_id", "createdate"),
            *("hs_lastmodifieddate", "hs_merged_object_ids"),
        ),
        merges=True,
    ),
    Kind(
        "deals",
        (
            *("dealname", "amount", "deal_currency_code", "dealstage", "pipeline", "hs_deal_stage_probability"),
            *("dealtype", "createdate", "closedate", "hubspot_owner_id", "hs_is_closed", "hs_is_closed_won"),
            *("closed_lost_reason", "is_referral", "hs_lastmodifieddate", "hs_merged_object_ids"),
        ),
        with_history=("dealstage", "amount", "closedate", "hubspot_owner_id"),
        merges=True,
    ),
    Kind(
        "leads",
        (
            *("hs_lead_name", "hs_pipeline", "hs_pipeline_stage", "hs_lead_disqualification_reason"),
            *("hubspot_owner_id", "hs_createdate", "hs_lastmodifieddate"),
        ),
        with_history=("hs_pipeline_stage", "hubspot_owner_id"),
    ),
    Kind(
        "calls",
        (
            *("hs_call_title", "hs_call_direction", "hs_call_duration", "hs_call_disposition", "hs_call_status"),
            *ACTIVITY_PROPERTIES,
        ),
    ),
    Kind(
        "meetings",
        (
            *("hs_meeting_title", "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_outcome"),
            *ACTIVITY_PROPERTIES,
        ),
    ),
    Kind("emails", ("hs_email_subject", "hs_email_direction", "hs_email_status", *ACTIVITY_PROPERTIES)),
    Kind("tasks", ("hs_task_subject", "hs_task_status", "hs_task_type", *ACTIVITY_PROPERTIES)),
)
SINGULAR = {kind.name: kind.name[:-1] for kind in KINDS} | {"companies": "company"}
ASSOCIATIONS = (
    ("contacts", "companies"),
    ("deals", "contacts"),
    ("deals", "companies"),
    ("leads", "contacts"),
    *((activities, to) for activities in ("calls", "meetings", "emails", "tasks") for to in ("contacts", "deals")),
)
# A list names the type of an association where a batch read labels it.
PRIMARY_TYPES = {"contact_to_company", "company_to_contact", "deal_to_company", "company_to_deal", "primary"}


@dataclass(frozen=True)
class Table:
    """A raw table: its columns with dlt's types, and its key."""

    columns: dict[str, str]
    key: tuple[str, ...]

    def arrow(self, rows: list[dict]) -> pa.Table:
        """The rows with exactly these columns; what a row lacks is null."""
        types = {"text": pa.string(), "bool": pa.bool_(), "bigint": pa.int64(), "timestamp": pa.timestamp("us", "UTC")}
        return pa.Table.from_pylist(rows, pa.schema([(name, types[kind]) for name, kind in self.columns.items()]))


def _tables() -> dict[str, Table]:
    tables = {}
    for kind in KINDS:
        singular, properties = SINGULAR[kind.name], dict.fromkeys(kind.properties, "text")
        record = {"id": "text", "archived": "bool", "created_at": "timestamp", "updated_at": "timestamp"}
        tables[kind.name] = Table(record | {"archived_at": "timestamp"} | properties, ("id",))
        if kind.with_history:
            version = {"id": "text", "property": "text", "changed_at": "timestamp", "value": "text"}
            key = tuple(version)
            tables[f"{singular}_history"] = Table(version | {"source_type": "text", "source_id": "text"}, key)
        if kind.merges:
            tables[f"{singular}_merges"] = Table({"id": "text", "survivor_id": "text"}, ("id",))
    for kind, to_kind in ASSOCIATIONS:
        ends = {f"{SINGULAR[kind]}_id": "text", f"{SINGULAR[to_kind]}_id": "text"}
        tables[_association_table(kind, to_kind)] = Table(
            ends | {"is_primary": "bool", "is_removed": "bool"}, tuple(ends)
        )
    owner = dict.fromkeys(("id", "email", "first_name", "last_name"), "text")
    tables["owners"] = Table(owner | {"archived": "bool"}, ("id",))
    stage = dict.fromkeys(("object_type", "pipeline_id", "stage_id", "pipeline_label", "label"), "text")
    stage |= {"display_order": "bigint", "probability": "text", "is_closed": "text"}
    tables["pipeline_stages"] = Table(stage, ("object_type", "pipeline_id", "stage_id"))
    return tables


def _association_table(kind: str, to_kind: str) -> str:
    return f"{SINGULAR[kind]}_{to_kind}"


TABLES = _tables()


@dlt.source(name="hubspot", max_table_nesting=0)
def hubspot(
    until: date,
    since: date | None = None,
    base_url: str = "https://api.hubapi.com",
    access_token: str = dlt.secrets.value,
    api_version: str = "2026-09",
    searches_per_second: float = 4.0,
) -> Iterable[DltResource]:
    """The whole CRM as it is now, and every change of the properties that tell stages, owners and web sources.

    Property values stay text as HubSpot gives them. `since` asks again for all that changed from that day on. HubSpot
    allows an account about five searches a second.
    """
    settings = {"auth": BearerTokenAuth(access_token), "secrets": [access_token], "problem": hubspot_problem}
    crm = Crm(
        VendorClient("hubspot", base_url, **settings),
        VendorClient("hubspot", base_url, requests_per_second=searches_per_second, **settings),
        api_version,
    )
    pulled = dlt.resource(pull(crm, until, since), name="crm")
    for name, table in TABLES.items():
        columns = {column: {"data_type": data_type} for column, data_type in table.columns.items()}
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


def _rows_of(name: str):
    """A transformer that takes its table's rows out of what was pulled."""

    def rows(pulled: dict[str, list[dict]]) -> Iterator[pa.Table]:
        if pulled.get(name):
            yield TABLES[name].arrow(pulled[name])

    return rows


def pull(crm: "Crm", until: date, since: date | None) -> Iterator[dict[str, list[dict]]]:
    """Rows by table: records that live, records that are archived, the associations between them, and the settings."""
    state = dlt.current.source_state()
    stored = Stored.of(dlt.current.pipeline())
    changed_until = state.setdefault("changed_until", {})
    is_full = "listed_on" not in state or until - date.fromisoformat(state["listed_on"]) >= FULL_LIST_EVERY
    live = {kind.name: set() for kind in KINDS}
    archived = {kind.name: set() for kind in KINDS}
    merged = {kind.name: set(stored.merged[kind.name]) for kind in KINDS}
    for kind in KINDS:
        # Asked first: what changes while we pull is found by the next search.
        latest_change = crm.latest_change(kind)
        pages = crm.listed(kind) if is_full else crm.changed(kind, _search_start(changed_until[kind.name], since))
        for page in pages:
            live[kind.name].update(record["id"] for record in page)
            merged[kind.name].update(loser for record in page for loser in _losers(record))
            yield _record_rows(kind, page)
        changed_until[kind.name] = max(changed_until.get(kind.name, 0), latest_change)

    told = {}
    for kind, to_kind in ASSOCIATIONS:
        known_live = stored.live[kind] - merged[kind]
        told[kind, to_kind] = crm.associations(kind, to_kind, sorted(live[kind] | (set() if is_full else known_live)))

    # After the associations: a record archived in between still counts as archived when they are compared.
    for kind in KINDS:
        for page in crm.listed(kind, is_archived=True):
            archived[kind.name].update(record["id"] for record in page)
            _add_associations(told, kind.name, page)
            yield _record_rows(kind, page)
        if is_full:
            vanished = stored.live[kind.name] - live[kind.name] - archived[kind.name] - merged[kind.name]
            _refuse_implausible(kind.name, vanished, stored.live[kind.name])
            archived[kind.name] |= vanished
            yield {kind.name: stored.archived_rows(kind, vanished, until)}
        archived[kind.name] |= stored.archived[kind.name] - live[kind.name]

    for (kind, to_kind), edges in told.items():
        table, known = _association_table(kind, to_kind), stored.associations[kind, to_kind]
        new = {edge: is_primary for edge, is_primary in edges.items() if known.get(edge) != is_primary}
        untold = {
            (from_id, to_id)
            for from_id, to_id in known.keys() - edges.keys()
            if from_id not in archived[kind] | merged[kind] and to_id not in archived[to_kind]
        }
        _refuse_implausible(table, untold, known.keys())
        # HubSpot does not tell why an association is gone; one whose end is gone too is kept.
        alive = crm.alive(kind, {edge[0] for edge in untold})
        to_alive = crm.alive(to_kind, {edge[1] for edge in untold}) | merged[to_kind]
        removed = {edge for edge in untold if edge[0] in alive and edge[1] in to_alive}
        yield {table: [*_association_rows(table, new), *_association_rows(table, dict.fromkeys(removed), True)]}

    yield {"owners": list(crm.owners()), "pipeline_stages": list(crm.pipeline_stages())}
    if is_full:
        state["listed_on"] = until.isoformat()


class Crm:
    """HubSpot's endpoints, each as what they tell. `searches` is paced apart from the rest."""

    def __init__(self, client: VendorClient, searches: VendorClient, version: str) -> None:
        self._client, self._searches, self._version = client, searches, version

    def listed(self, kind: Kind, is_archived: bool = False) -> Iterator[list[dict]]:
        """All records that live, by id; or all that are archived, with their associations, which only this tells."""
        parameters = {
            "limit": HISTORY_PAGE if kind.with_history else LIST_PAGE,
            "properties": ",".join(kind.properties),
            "archived": str(is_archived).lower(),
        }
        if kind.with_history:
            parameters["propertiesWithHistory"] = ",".join(kind.with_history)
        if is_archived:
            others = {end for ends in ASSOCIATIONS if kind.name in ends for end in ends} - {kind.name}
            parameters["associations"] = ",".join(sorted(others))
        return self._pages(f"crm/objects/{self._version}/{kind.name}", parameters)

    def changed(self, kind: Kind, start: int) -> Iterator[list[dict]]:
        """The live records changed at or after `start` (epoch milliseconds), with history."""
        for page in self._search_from(kind, start):
            if kind.with_history:
                yield from self._read(kind, [record["id"] for record in page])
            else:
                yield page

    def latest_change(self, kind: Kind) -> int:
        """When any live record last changed, in epoch milliseconds; 0 if there is none."""
        newest = self._search(kind, [], kind.modified, "DESCENDING", limit=1)
        return _modified(kind, newest[0]) if newest else 0

    def alive(self, kind: str, ids: Iterable[str]) -> set[str]:
        """Those of the ids that still are live records of their own."""
        path = f"crm/objects/{self._version}/{kind}/batch/read"
        batches = (self._client.post(path, json={"inputs": batch}).json() for batch in _batches(sorted(ids), LIST_PAGE))
        return {record["id"] for answer in batches for record in answer["results"]}.intersection(ids)

    def associations(self, kind: str, to_kind: str, ids: list[str]) -> dict[tuple[str, str], bool]:
        """The associations of the given live records: (id, associated id) and whether it is the primary one."""
        path = f"crm/associations/{self._version}/{kind}/{to_kind}/batch/read"
        edges = {}
        waiting = [{"id": record_id} for record_id in ids]
        while waiting:
            answer = self._client.post(path, json={"inputs": waiting[:ASSOCIATIONS_BATCH]}).json()
            waiting = waiting[ASSOCIATIONS_BATCH:]
            for result in answer["results"]:
                from_id = result["from"]["id"]
                for to in result["to"]:
                    labels = {association["label"] for association in to["associationTypes"]}
                    edges[from_id, str(to["toObjectId"])] = "Primary" in labels
                if after := result.get("paging", {}).get("next", {}).get("after"):
                    waiting.append({"id": from_id, "after": after})
        return edges

    def owners(self) -> Iterator[dict]:
        """Rows of everyone who owns or has owned records."""
        for archived in ("false", "true"):
            for page in self._pages(f"crm/owners/{self._version}", {"limit": LIST_PAGE, "archived": archived}):
                for owner in page:
                    yield {
                        "id": owner["id"],
                        "email": owner.get("email"),
                        "first_name": owner.get("firstName"),
                        "last_name": owner.get("lastName"),
                        "archived": owner["archived"],
                    }

    def pipeline_stages(self) -> Iterator[dict]:
        """Rows of the stages that deals and leads can stand in."""
        for object_type in ("deals", "leads"):
            for pipeline in self._client.get(f"crm/pipelines/{self._version}/{object_type}").json()["results"]:
                for stage in pipeline["stages"]:
                    yield {
                        "object_type": object_type,
                        "pipeline_id": pipeline["id"],
                        "pipeline_label": pipeline["label"],
                        "stage_id": stage["id"],
                        "label": stage["label"],
                        "display_order": stage["displayOrder"],
                        "probability": stage["metadata"].get("probability"),
                        "is_closed": stage["metadata"].get("isClosed"),
                    }

    def _pages(self, path: str, parameters: dict) -> Iterator[list[dict]]:
        paginator = JSONResponseCursorPaginator(cursor_path="paging.next.after", cursor_param="after")
        return self._client.paginate(path, params=parameters, paginator=paginator, data_selector="results")

    def _read(self, kind: Kind, ids: list[str]) -> Iterator[list[dict]]:
        wanted = {"properties": kind.properties, "propertiesWithHistory": kind.with_history}
        for batch in _batches(ids, HISTORY_PAGE):
            path = f"crm/objects/{self._version}/{kind.name}/batch/read"
            yield self._client.post(path, json={"inputs": batch} | wanted).json()["results"]

    def _search_from(self, kind: Kind, start: int) -> Iterator[list[dict]]:
        """Every page starts where the last one ended, not at an offset.

        A search shows 10,000 results at most, and offsets shift while records change.
        """
        while True:
            page = self._search(kind, [(kind.modified, "GTE", start)], kind.modified)
            yield page
            if len(page) < SEARCH_PAGE:
                return
            last = _modified(kind, page[-1])
            if last == start:  # a bulk edit: one instant fills a page
                yield from self._search_instant(kind, start)
                last += 1
            start = last

    def _search_instant(self, kind: Kind, instant: int) -> Iterator[list[dict]]:
        """The records changed at one instant, by id."""
        last_id = "0"
        while True:
            filters = [(kind.modified, "EQ", instant), ("hs_object_id", "GT", last_id)]
            page = self._search(kind, filters, "hs_object_id")
            yield page
            if len(page) < SEARCH_PAGE:
                return
            last_id = page[-1]["id"]

    def _search(
        self, kind: Kind, filters: list[tuple], sort: str, direction: str = "ASCENDING", limit: int = SEARCH_PAGE
    ) -> list[dict]:
        conditions = [{"propertyName": name, "operator": sign, "value": str(value)} for name, sign, value in filters]
        query = {
            "filterGroups": [{"filters": conditions}] if conditions else [],
            "sorts": [{"propertyName": sort, "direction": direction}],
            "properties": kind.properties,
            "limit": limit,
        }
        return self._searches.post(f"crm/objects/{self._version}/{kind.name}/search", json=query).json()["results"]


@dataclass(frozen=True)
class Stored:
    """What raw already holds: ids by object type, and the known associations."""

    pipeline: dlt.Pipeline
    live: dict[str, set[str]]
    archived: dict[str, set[str]]
    merged: dict[str, set[str]]
    associations: dict[tuple[str, str], dict[tuple[str, str], bool]]

    @classmethod
    def of(cls, pipeline: dlt.Pipeline) -> "Stored":
        """Read it; the loader has created every table."""
        with pipeline.sql_client() as client:

            def ids(query: str) -> set[str]:
                return {record_id for (record_id,) in client.execute_sql(query)}

            associations = {}
            for kind, to_kind in ASSOCIATIONS:
                table, ends = _association_table(kind, to_kind), f"{SINGULAR[kind]}_id, {SINGULAR[to_kind]}_id"
                edges = client.execute_sql(f"select {ends}, is_primary from {table}")
                associations[kind, to_kind] = {(from_id, to_id): is_primary for from_id, to_id, is_primary in edges}
            merged = {
                kind.name: ids(f"select id from {SINGULAR[kind.name]}_merges") if kind.merges else set()
                for kind in KINDS
            }
            return cls(
                pipeline,
                {kind.name: ids(f"select id from {kind.name} where not archived") for kind in KINDS},
                {kind.name: ids(f"select id from {kind.name} where archived") for kind in KINDS},
                merged,
                associations,
            )

    def archived_rows(self, kind: Kind, ids: set[str], day: date) -> list[dict]:
        """The stored rows of records that vanished without a trace, as archived on the day that was noticed."""
        if not ids:
            return []
        columns = list(TABLES[kind.name].columns)
        places = ", ".join(["%s"] * len(ids))
        query = f"select {', '.join(columns)} from {kind.name} where id in ({places})"
        with self.pipeline.sql_client() as client:
            rows = client.execute_sql(query, *sorted(ids))
        archived = {"archived": True, "archived_at": datetime.combine(day, time(), UTC)}
        return [dict(zip(columns, row, strict=True)) | archived for row in rows]


def hubspot_problem(response: Response) -> Problem | None:
    """HubSpot's throttles tell a policy, and no wait that can be relied on."""
    problem = status_problem(response)
    if problem is None or response.status_code != 429:
        return problem
    body = json_body(response)
    policy = str(body.get("policyName")) if isinstance(body, dict) else ""
    return Problem(problem.reason, code=policy, is_passing=policy != "DAILY", wait_seconds=THROTTLE_SECONDS.get(policy))


def _search_start(changed_until: int, since: date | None) -> int:
    """From when on to search, in epoch milliseconds."""
    start = changed_until - SEARCH_LAG // timedelta(milliseconds=1)
    return start if since is None else min(start, _milliseconds(datetime.combine(since, time(), UTC)))


def _record_rows(kind: Kind, records: list[dict]) -> dict[str, list[dict]]:
    """The rows that a page of records is, in its kind's tables."""
    singular = SINGULAR[kind.name]
    rows = {kind.name: [_record_row(kind, record) for record in records]}
    if kind.with_history:
        rows[f"{singular}_history"] = [version for record in records for version in _versions(record)]
    if kind.merges:
        rows[f"{singular}_merges"] = [
            {"id": loser, "survivor_id": record["id"]} for record in records for loser in _losers(record)
        ]
    return rows


def _record_row(kind: Kind, record: dict) -> dict:
    return {
        "id": record["id"],
        "archived": record["archived"],
        "created_at": _moment(record["createdAt"]),
        "updated_at": _moment(record["updatedAt"]),
        "archived_at": _moment(record.get("archivedAt")),
    } | {name: record["properties"].get(name) for name in kind.properties}


def _versions(record: dict) -> Iterator[dict]:
    """The record's property history; a version is known by all but its source."""
    for name, versions in record.get("propertiesWithHistory", {}).items():
        for version in versions:
            yield {
                "id": record["id"],
                "property": name,
                "changed_at": _moment(version["timestamp"]),
                "value": version.get("value") or "",
                "source_type": version.get("sourceType"),
                "source_id": version.get("sourceId"),
            }


def _losers(record: dict) -> set[str]:
    """The ids that were merged into the record: "1;2", for contacts also "1:<milliseconds>;2:<milliseconds>"."""
    properties = record["properties"]
    ids = (properties.get("hs_merged_object_ids") or "").split(";")
    vids = (properties.get("hs_calculated_merged_vids") or "").split(";")
    return {merged.split(":")[0] for merged in ids + vids} - {"", record["id"]}


def _add_associations(told: dict[tuple[str, str], dict[tuple[str, str], bool]], kind: str, page: list[dict]) -> None:
    """Add the associations that archived records had, from whichever end."""
    for record in page:
        for other, listed in record.get("associations", {}).items():
            for association in listed["results"]:
                is_forward = (kind, other) in told
                ends = (kind, other) if is_forward else (other, kind)
                edge = (record["id"], association["id"]) if is_forward else (association["id"], record["id"])
                is_primary = association["type"] in PRIMARY_TYPES
                told[ends][edge] = told[ends].get(edge, False) or is_primary


def _association_rows(table: str, edges: dict[tuple[str, str], bool | None], is_removed: bool = False) -> list[dict]:
    from_id, to_id, *_ = TABLES[table].columns
    return [
        {from_id: edge[0], to_id: edge[1], "is_primary": is_primary, "is_removed": is_removed}
        for edge, is_primary in sorted(edges.items())
    ]


def _refuse_implausible(table: str, missing: set, stored: Iterable) -> None:
    """Refuse an answer that lacks most of what we have: HubSpot is at fault, or the token sees less than before."""
    known = len(set(stored))
    is_plausible = known < JUDGED_ROWS or known - len(missing) >= IMPLAUSIBLE_SHARE * known
    if is_plausible or dlt.config.get("sources.accept_fewer_rows", bool):
        return
    raise ImplausibleAnswerError(
        f"{table}: {len(missing):,} of {known:,} known rows are missing from the answer. Nothing was loaded, older "
        "rows stay. If HubSpot's own pages show as few, load once with SOURCES__ACCEPT_FEWER_ROWS=true."
    )


def _batches(ids: list[str], size: int) -> Iterator[list[dict]]:
    """Ids as the inputs of batch requests."""
    for start in range(0, len(ids), size):
        yield [{"id": record_id} for record_id in ids[start : start + size]]


def _modified(kind: Kind, record: dict) -> int:
    return _milliseconds(_moment(record["properties"][kind.modified]))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
