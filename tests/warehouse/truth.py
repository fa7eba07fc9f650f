"""How the truth of the sandbox company names what the warehouse has keys for."""

from datetime import UTC, datetime

GONE = {"erased", "purged"}  # nobody told the warehouse that they ever were


def utc(at: datetime | None) -> datetime | None:
    """A moment as the warehouse writes it: in UTC, without a zone."""
    return at and at.astimezone(UTC).replace(tzinfo=None)


def records_of(person: dict) -> list[tuple[str, str]]:
    """Every record of a person of the truth, as (source, id)."""
    return [("hubspot", id_) for id_ in person["hubspot_ids"]] + [("files", id_) for id_ in person["files_ids"]]
