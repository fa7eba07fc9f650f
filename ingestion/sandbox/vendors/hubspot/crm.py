"""The company's records as a CRM keeps them: indexed, searchable, associated, and merged."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby

from ingestion.sandbox.world import Activity, Change, Company, Contact, Deal, Lead, World

ACTIVITIES = ("calls", "meetings", "emails", "tasks")
SINGULAR = {"companies": "company"}  # the others only lose their s
MODIFIED = {"contacts": "lastmodifieddate"}  # the others: hs_lastmodifieddate
CREATED = {"contacts": "createdate", "companies": "createdate", "deals": "createdate"}  # the others: hs_createdate
NUMBERS = {"amount", "hs_object_id", "hs_call_duration", "hs_deal_stage_probability"}
OPERATORS: dict[str, Callable[[float | str, list[float | str]], bool]] = {
    "EQ": lambda value, wanted: value == wanted[0],
    "NEQ": lambda value, wanted: value != wanted[0],
    "LT": lambda value, wanted: value < wanted[0],
    "LTE": lambda value, wanted: value <= wanted[0],
    "GT": lambda value, wanted: value > wanted[0],
    "GTE": lambda value, wanted: value >= wanted[0],
    "BETWEEN": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "IN": lambda value, wanted: value in wanted,
    "NOT_IN": lambda value, wanted: value not in wanted,
}
# (from, to): the type id and name of the primary association, then of the plain one. The deal's primary contact is a
# label that this company made itself: HubSpot has none.
ASSOCIATION_TYPES = {
    ("contacts", "companies"): ((1, "contact_to_company"), (279, "contact_to_company_unlabeled")),
    ("companies", "contacts"): ((2, "company_to_contact"), (280, "company_to_contact_unlabeled")),
    ("deals", "companies"): ((5, "deal_to_company"), (341, "deal_to_company_unlabeled")),
    ("companies", "deals"): ((6, "company_to_deal"), (342, "company_to_deal_unlabeled")),
    ("deals", "contacts"): ((17, "primary"), (3, "deal_to_contact")),
    ("contacts", "deals"): ((18, "primary"), (4, "contact_to_deal")),
}


@dataclass(frozen=True, slots=True)
class Record:
    """A CRM object; `properties` hold what HubSpot itself sets too."""

    object_id: str
    properties: dict[str, str]
    history: dict[str, list[Change]]  # newest first
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class Crm:
    """The company's CRM. Merged losers are no records any more: `survivors` leads to what they became."""

    def __init__(self, world: World) -> None:
        self.world = world
        merged_into = {contact.contact_id: contact.merged_into for contact in world.contacts if contact.merged_into}
        self.survivors = {loser: _followed(loser, merged_into) for loser in merged_into}
        self.objects: dict[str, dict[str, Record]] = {
            "contacts": self._contacts(),
            "companies": {
                company.company_id: _record("companies", company.company_id, company, _company_properties(company))
                for company in world.companies
            },
            "deals": {deal.deal_id: _record("deals", deal.deal_id, deal, deal.properties) for deal in world.deals},
            "leads": {lead.lead_id: _record("leads", lead.lead_id, lead, lead.properties) for lead in world.leads},
            **{kind: {} for kind in ACTIVITIES},
        }
        for activity in world.activities:
            record = _record(activity.kind, activity.activity_id, activity, activity.properties)
            self.objects[activity.kind][activity.activity_id] = record
        self._found: dict[str, list[Record]] = {}

    def find(self, kind: str, object_id: str) -> Record | None:
        """The record of that id, or the one it was merged into."""
        return self.objects[kind].get(self.survivors.get(object_id, object_id) if kind == "contacts" else object_id)

    def listed(self, kind: str, is_archived: bool, after: int) -> list[Record]:
        """The live or the archived records with an id above `after`, by id."""
        ids, records = self._by_id[kind, is_archived]
        return records[bisect_right(ids, after) :]

    def search(self, kind: str, groups: list[dict], sorts: list[dict]) -> list[Record]:
        """All live records that any filter group takes, in order; kept, as the next page asks for them again."""
        query = json.dumps([kind, groups, sorts])
        if query not in self._found:
            found = [record for record in self.listed(kind, False, 0) if _is_taken(record, groups)]
            for sort in sorts:
                name, is_descending = sort["propertyName"], sort.get("direction") == "DESCENDING"
                found.sort(key=lambda record, name=name: _comparable(name, record), reverse=is_descending)
            self._found[query] = found
        return self._found[query]

    def associated(self, kind: str, record: Record, to_kind: str) -> list[tuple[str, list[tuple[int, str]]]]:
        """The associated ids, each with its types' (id, name); a record that lives shows none that is archived."""
        plain = (600, f"{SINGULAR.get(kind, kind[:-1])}_to_{SINGULAR.get(to_kind, to_kind[:-1])}")
        types = ASSOCIATION_TYPES.get((kind, to_kind), (plain, plain))
        return [
            (to_id, list(types) if is_primary else [types[1]])
            for to_id, is_primary in self._associations[kind, to_kind].get(record.object_id, {}).items()
            if record.archived_at or not self.objects[to_kind][to_id].archived_at
        ]

    @cached_property
    def property_names(self) -> dict[str, set[str]]:
        """The properties this account has, by object type."""
        names = {
            kind: {name for record in records.values() for name in (*record.properties, *record.history)}
            for kind, records in self.objects.items()
        }
        for kind, known in names.items():
            known |= {"hs_object_id", MODIFIED.get(kind, "hs_lastmodifieddate"), "hs_merged_object_ids"}
        return names

    @cached_property
    def _by_id(self) -> dict[tuple[str, bool], tuple[list[int], list[Record]]]:
        by_id = {}
        for kind, records in self.objects.items():
            for is_archived in (False, True):
                chosen = [record for record in records.values() if bool(record.archived_at) == is_archived]
                chosen.sort(key=lambda record: int(record.object_id))
                by_id[kind, is_archived] = ([int(record.object_id) for record in chosen], chosen)
        return by_id

    @cached_property
    def _associations(self) -> dict[tuple[str, str], dict[str, dict[str, bool]]]:
        """(from, to): each record's associated ids and whether it is the primary one; archived ends included."""
        associations: dict = defaultdict(lambda: defaultdict(dict))

        def associate(kind: str, object_id: str, to_kind: str, to_ids: Iterable[str | None], first_is_primary: bool):
            for position, to_id in enumerate(filter(None, to_ids)):
                survivor = self.survivors.get(to_id, to_id)
                if survivor in self.objects[to_kind]:
                    is_primary = first_is_primary and position == 0
                    associations[kind, to_kind][object_id].setdefault(survivor, is_primary)
                    associations[to_kind, kind][survivor].setdefault(object_id, is_primary)

        for contact in self.world.contacts:
            if not contact.merged_into:
                associate("contacts", contact.contact_id, "companies", [contact.company_id], True)
        for deal in self.world.deals:
            associate("deals", deal.deal_id, "contacts", deal.contact_ids, True)
            associate("deals", deal.deal_id, "companies", [deal.company_id], True)
        for lead in self.world.leads:
            associate("leads", lead.lead_id, "contacts", [lead.contact_id], False)
        for activity in self.world.activities:
            associate(activity.kind, activity.activity_id, "contacts", activity.contact_ids, False)
            associate(activity.kind, activity.activity_id, "deals", activity.deal_ids, False)
        return associations

    def _contacts(self) -> dict[str, Record]:
        """The contacts that were not merged away; a merge counts as a change of the winner."""
        losers: dict[str, list[Contact]] = defaultdict(list)
        for contact in self.world.contacts:
            if contact.merged_into:
                losers[self.survivors[contact.contact_id]].append(contact)
        records = {}
        for contact in self.world.contacts:
            if contact.merged_into:
                continue
            absorbed = sorted(losers[contact.contact_id], key=lambda loser: (loser.merged_at, int(loser.contact_id)))
            vids = [f"{loser.contact_id}:{_milliseconds(loser.merged_at)}" for loser in absorbed]
            merged = {
                "hs_merged_object_ids": ";".join(loser.contact_id for loser in absorbed),
                "hs_calculated_merged_vids": ";".join(vids),
            }
            properties = contact.properties | (merged if absorbed else {})
            updated_at = max([contact.updated_at, *(loser.merged_at for loser in absorbed)])
            records[contact.contact_id] = _record("contacts", contact.contact_id, contact, properties, updated_at)
        return records


def iso(at: datetime) -> str:
    """A moment as HubSpot writes it: 2026-10-01T16:50:06.678Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _record(
    kind: str,
    object_id: str,
    thing: Contact | Company | Deal | Lead | Activity,
    properties: dict[str, str],
    updated_at: datetime | None = None,
) -> Record:
    updated_at = updated_at or thing.updated_at
    changes = sorted(getattr(thing, "history", ()), key=lambda change: change.name)
    system = {
        "hs_object_id": object_id,
        CREATED.get(kind, "hs_createdate"): iso(thing.created_at),
        MODIFIED.get(kind, "hs_lastmodifieddate"): iso(updated_at),
    }
    history = {name: list(of_name)[::-1] for name, of_name in groupby(changes, key=lambda change: change.name)}
    return Record(object_id, properties | system, history, thing.created_at, updated_at, thing.archived_at)


def _company_properties(company: Company) -> dict[str, str]:
    return {
        "name": company.name,
        "domain": company.domain,
        "country": company.country,
        "industry": company.industry,
        "segment": company.segment,
    }


def _followed(loser: str, merged_into: dict[str, str]) -> str:
    while loser in merged_into:
        loser = merged_into[loser]
    return loser


def _is_taken(record: Record, groups: list[dict]) -> bool:
    return not groups or any(all(_holds(record, condition) for condition in group["filters"]) for group in groups)


def _holds(record: Record, condition: dict) -> bool:
    name, operator = condition["propertyName"], condition["operator"]
    has_property = bool(record.properties.get(name))
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return has_property == (operator == "HAS_PROPERTY")
    bounds = condition.get("values") or [condition[bound] for bound in ("value", "highValue") if bound in condition]
    return has_property and OPERATORS[operator](_comparable(name, record), [_wanted(name, bound) for bound in bounds])


def _comparable(name: str, record: Record) -> float | str:
    """The property's value in the order of its type: moments by epoch milliseconds, numbers, else text."""
    if name == "hs_object_id":
        return int(record.object_id)
    if name in ("lastmodifieddate", "hs_lastmodifieddate"):
        return _milliseconds(record.updated_at)
    return _wanted(name, record.properties.get(name, ""))


def _wanted(name: str, value: str) -> float | str:
    if name in NUMBERS:
        return float(value or 0)
    if not (name.endswith("date") or name == "hs_timestamp"):
        return value
    return float(value) if value.isdigit() else _milliseconds(datetime.fromisoformat(value)) if value else 0.0


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
