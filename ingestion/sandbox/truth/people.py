"""Who is who: records joined into people by merges and addresses."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ingestion.sandbox.simulation.facts import Doing, Facts, Plan, Record, Sale
from ingestion.sandbox.truth.money import Row

OFFICES = {"info"}


@dataclass(frozen=True, slots=True)
class Met:
    """When and by which channel and campaign ("" without one) a person met the company."""

    at: datetime
    channel: str
    campaign: str
    department: str = "marketing"


@dataclass(slots=True)
class Person:
    """A human being with all their records."""

    records: list[Record]
    sales: list[Sale] = field(default_factory=list)
    doings: list[Doing] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    spells: list[Row] = field(default_factory=list)
    conversions: list[Row] = field(default_factory=list)
    touches: list[Met] = field(default_factory=list)  # in order of time

    @property
    def first_touch(self) -> Met | None:
        return self.touches[0] if self.touches else None

    @property
    def original_channel(self) -> str:
        return self.first_touch.channel if self.first_touch else "unattributed"

    @property
    def first(self) -> Record:
        """The earliest record: it names the person."""
        return min(self.records, key=lambda record: (record.created_at, record.system, record.record_id))

    @property
    def person_id(self) -> str:
        return f"{self.first.system}:{self.first.record_id}"

    @property
    def created_at(self) -> datetime:
        return self.first.created_at

    @property
    def excluded(self) -> str | None:
        if all(record.gone_at for record in self.records):
            return "erased" if self.first.gone_at == self.first.archived_at else "purged"
        return next((record.excluded for record in self.records if record.excluded), None)

    @property
    def deleted_at(self) -> datetime | None:
        """When the last of their records was deleted, if all were."""
        standing = [record for record in self.records if not record.merged_into]
        if any(record.archived_at is None for record in standing):
            return None
        return max(record.archived_at for record in standing)


def same_address(email: str) -> str:
    """The form in which two addresses of one mailbox are equal."""
    local, _, domain = email.strip().lower().partition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def people_of(facts: Facts) -> list[Person]:
    """Records joined into people by merges and addresses."""
    leader: dict[str, str] = {record.record_id: record.record_id for record in facts.records}

    def lead_of(record_id: str) -> str:
        while leader[record_id] != record_id:
            record_id = leader[record_id]
        return record_id

    by_address: dict[str, str] = {}
    for record in facts.records:
        if record.merged_into:
            leader[lead_of(record.record_id)] = lead_of(record.merged_into)
        if record.gone_at or not record.email:
            continue
        address = same_address(record.email)
        if address.partition("@")[0] in OFFICES:
            continue
        other = by_address.setdefault(address, record.record_id)
        leader[lead_of(record.record_id)] = lead_of(other)
    people: dict[str, Person] = {}
    for record in facts.records:
        people.setdefault(lead_of(record.record_id), Person([])).records.append(record)
    by_record = {record.record_id: person for person in people.values() for record in person.records}
    for sale in facts.sales:
        for person in each_once(by_record[record_id] for record_id in sale.record_ids):
            person.sales.append(sale)
    for doing in facts.doings:
        for person in each_once(by_record[record_id] for record_id in doing.record_ids):
            person.doings.append(doing)
    for plan in facts.plans:
        by_record[plan.record_id].plans.append(plan)
    return list(people.values())


def each_once(people: Iterable[Person]) -> list[Person]:
    """The people in order, without repetition."""
    return list({id(person): person for person in people}.values())


def is_real(record_ids: list[str], by_record: dict[str, Person]) -> bool:
    """Whether anybody of them is more than a test record."""
    return any(by_record[record_id].excluded in (None, "erased", "purged") for record_id in record_ids)
