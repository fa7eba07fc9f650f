"""Which of HubSpot's records, properties, associations and changes are kept, and in which tables."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingestion.columns import Field


@dataclass(frozen=True)
class Kind:
    """An object type of the CRM: the properties kept, those kept with history, and whether records of it merge."""

    name: str
    properties: tuple[str, ...]
    with_history: tuple[str, ...] = ()
    modified: str = "hs_lastmodifieddate"
    merges: bool = False

    @property
    def singular(self) -> str:
        """What one of its records is called: the prefix of the tables that belong to it."""
        return "company" if self.name == "companies" else self.name.removesuffix("s")

    @property
    def history_table(self) -> str:
        """Where the versions of its properties stand."""
        return f"{self.singular}_history"

    @property
    def merges_table(self) -> str:
        """Where its merged records stand."""
        return f"{self.singular}_merges"


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
            *("recent_conversion_date", "recent_conversion_event_name", "hs_email_optout"),
            *("hs_merged_object_ids", "hs_calculated_merged_vids"),
        ),
        with_history=(
            *("lifecyclestage", "hs_lead_status", "hubspot_owner_id", *LATEST_SOURCE, *CAMPAIGN_PROPERTIES),
            *("recent_conversion_date", "hs_email_optout"),
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
SINGULAR = {kind.name: kind.singular for kind in KINDS}
ASSOCIATIONS = (
    ("contacts", "companies"),
    ("deals", "contacts"),
    ("deals", "companies"),
    ("leads", "contacts"),
    *((activities, to) for activities in ("calls", "meetings", "emails", "tasks") for to in ("contacts", "deals")),
)

# Associations as (id, associated id), and whether it is the record's primary one.
Edges = dict[tuple[str, str], bool]


@dataclass(frozen=True)
class Table:
    """A raw table: its columns and its key."""

    fields: dict[str, Field]
    key: tuple[str, ...]


RECORD = {
    "id": Field("id", "text"),
    "archived": Field("archived", "bool"),
    "created_at": Field("createdAt", "timestamp"),
    "updated_at": Field("updatedAt", "timestamp"),
    "archived_at": Field("archivedAt", "timestamp"),
}
# A version is known by everything but its source, so that reading a history again adds nothing.
VERSION = {
    "id": Field("id", "text"),
    "property": Field("property", "text"),
    "changed_at": Field("timestamp", "timestamp"),
    "value": Field("value", "text", ""),
}
VERSION_SOURCE = {"source_type": Field("sourceType", "text"), "source_id": Field("sourceId", "text")}
MERGE = {"id": Field("id", "text"), "survivor_id": Field("survivor_id", "text")}
OWNER = {
    "id": Field("id", "text"),
    "email": Field("email", "text"),
    "first_name": Field("firstName", "text"),
    "last_name": Field("lastName", "text"),
    "archived": Field("archived", "bool"),
}
STAGE = {
    "object_type": Field("object_type", "text"),
    "pipeline_id": Field("pipeline.id", "text"),
    "stage_id": Field("id", "text"),
    "pipeline_label": Field("pipeline.label", "text"),
    "label": Field("label", "text"),
    "display_order": Field("displayOrder", "bigint"),
    "probability": Field("metadata.probability", "text"),
    "is_closed": Field("metadata.isClosed", "text"),
}


def association_table(kind: str, to_kind: str) -> str:
    """The table of the associations between two kinds, e.g. deal_contacts."""
    return f"{SINGULAR[kind]}_{to_kind}"


def association_ends(kind: str, to_kind: str) -> tuple[str, str]:
    """The columns of the two ends of an association, e.g. deal_id and contact_id."""
    return f"{SINGULAR[kind]}_id", f"{SINGULAR[to_kind]}_id"


def _tables() -> dict[str, Table]:
    tables = {}
    for kind in KINDS:
        properties = {name: Field(f"properties.{name}", "text") for name in kind.properties}
        tables[kind.name] = Table(RECORD | properties, ("id",))
        if kind.with_history:
            tables[kind.history_table] = Table(VERSION | VERSION_SOURCE, tuple(VERSION))
        if kind.merges:
            tables[kind.merges_table] = Table(MERGE, ("id",))
    for kinds in ASSOCIATIONS:
        ends = {name: Field(name, "text") for name in association_ends(*kinds)}
        facts = {name: Field(name, "bool") for name in ("is_primary", "is_removed")}
        tables[association_table(*kinds)] = Table(ends | facts, tuple(ends))
    tables["owners"] = Table(OWNER, ("id",))
    tables["pipeline_stages"] = Table(STAGE, ("object_type", "pipeline_id", "stage_id"))
    return tables


TABLES = _tables()


def record_rows(kind: Kind, records: list[dict]) -> dict[str, list[dict]]:
    """The rows by table that a page of records is."""
    rows = {kind.name: records}
    if kind.with_history:
        versions = [version for record in records for version in _versions(record)]
        rows[kind.history_table] = versions
    if kind.merges:
        merges = [{"id": loser, "survivor_id": record["id"]} for record in records for loser in losers(record)]
        rows[kind.merges_table] = merges
    return rows


def association_rows(kinds: tuple[str, str], told: Edges, removed: Iterable[tuple[str, str]]) -> list[dict]:
    """The rows of associations told, and of those to be removed."""
    from_id, to_id = association_ends(*kinds)
    facts = [(edge, told[edge], False) for edge in sorted(told)] + [(edge, None, True) for edge in sorted(removed)]
    return [
        {from_id: edge[0], to_id: edge[1], "is_primary": is_primary, "is_removed": is_removed}
        for edge, is_primary, is_removed in facts
    ]


def losers(record: dict) -> set[str]:
    """The ids that were merged into the record: "1;2", for contacts also "1:<milliseconds>;2:<milliseconds>"."""
    ids = (record["properties"].get("hs_merged_object_ids") or "").split(";")
    vids = (record["properties"].get("hs_calculated_merged_vids") or "").split(";")
    return {merged.split(":")[0] for merged in ids + vids} - {"", record["id"]}


def _versions(record: dict) -> Iterator[dict]:
    for name, versions in record.get("propertiesWithHistory", {}).items():
        for version in versions:
            yield version | {"id": record["id"], "property": name}
