"""The file contract: which tables can be handed over as files, their keys and the type of each column.

The source `files` reads them, `mapping.toml` maps a user's own columns to them. All columns but the keys may be absent.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileTable:
    """A table of the contract: `columns` by name and type (see `TYPES`), the key first.

    `period` names two day or time columns of which the second may not be before the first.
    """

    key: tuple[str, ...]
    columns: dict[str, str]
    period: tuple[str, str] | None = None


@dataclass(frozen=True)
class ColumnType:
    """How a type is stored (dlt's hints), read from text (DuckDB SQL over {x}) and named in an error."""

    hints: dict[str, object]
    parsed: str
    expected: str


_ISO_DAY = r"regexp_matches({x}, '^\d{{4}}-\d{{2}}-\d{{2}}')"
_NUMBER = r"regexp_matches({x}, '^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$')"
# Without a zone the session's zone counts, which is UTC.
_UTC = f"case when {_ISO_DAY} then try_cast({{x}} as timestamptz) at time zone 'UTC' end"

TYPES: dict[str, ColumnType] = {
    "text": ColumnType({"data_type": "text"}, "{x}", "text"),
    "currency": ColumnType(
        {"data_type": "text"},
        "case when regexp_matches({x}, '^[A-Za-z]{{3}}$') then upper({x}) end",
        "a three-letter currency code",
    ),
    "money": ColumnType(
        {"data_type": "decimal", "precision": 18, "scale": 2},
        f"case when {_NUMBER} then try_cast({{x}} as decimal(18, 2)) end",
        "a number with a point for decimals",
    ),
    "count": ColumnType(
        {"data_type": "bigint"},
        f"case when {_NUMBER} and try_cast({{x}} as decimal(30, 9)) = try_cast({{x}} as bigint) "
        "and try_cast({x} as bigint) >= 0 then try_cast({x} as bigint) end",
        "a whole number of 0 or more",
    ),
    "ratio": ColumnType({"data_type": "double"}, f"case when {_NUMBER} then try_cast({{x}} as double) end", "a number"),
    "rate": ColumnType(
        {"data_type": "double"},
        f"case when {_NUMBER} and try_cast({{x}} as double) > 0 then try_cast({{x}} as double) end",
        "a number above 0",
    ),
    "boolean": ColumnType(
        {"data_type": "bool"},
        "case when lower({x}) in ('true', 't', 'yes', 'y', '1') then true "
        "when lower({x}) in ('false', 'f', 'no', 'n', '0') then false end",
        "true or false",
    ),
    "date": ColumnType(
        {"data_type": "date"},
        f"case when {_ISO_DAY} then cast(try_cast({{x}} as timestamp) as date) end",
        "a day as YYYY-MM-DD",
    ),
    "timestamp": ColumnType(
        {"data_type": "timestamp", "timezone": False},
        _UTC,
        "a time as YYYY-MM-DD HH:MM:SS (UTC unless a zone is given)",
    ),
}

FILE_TABLES: dict[str, FileTable] = {
    "people": FileTable(
        key=("person_id",),
        columns={
            "person_id": "text",
            "email": "text",
            "full_name": "text",
            "company": "text",
            "country": "text",
            "segment": "text",
            "created_at": "timestamp",
            "source": "text",
            "medium": "text",
            "campaign": "text",
            "owner_id": "text",
            "referred_by_person_id": "text",
            "is_test": "boolean",
        },
    ),
    "stage_changes": FileTable(
        key=("person_id", "stage", "changed_at"),
        columns={"person_id": "text", "stage": "text", "changed_at": "timestamp", "changed_by": "text"},
    ),
    "touches": FileTable(
        key=("touch_id",),
        columns={
            "touch_id": "text",
            "person_id": "text",
            "touched_at": "timestamp",
            "touch_type": "text",
            "source": "text",
            "medium": "text",
            "campaign": "text",
            "department": "text",
        },
    ),
    "deals": FileTable(
        key=("deal_id",),
        columns={
            "deal_id": "text",
            "person_id": "text",
            "company": "text",
            "owner_id": "text",
            "amount": "money",
            "currency": "currency",
            "stage": "text",
            "probability": "ratio",
            "deal_type": "text",
            "created_at": "timestamp",
            "closed_at": "timestamp",
            "is_won": "boolean",
            "loss_reason": "text",
        },
    ),
    "deal_stage_changes": FileTable(
        key=("deal_id", "stage", "changed_at"),
        columns={"deal_id": "text", "stage": "text", "changed_at": "timestamp"},
    ),
    "deal_splits": FileTable(
        key=("deal_id", "owner_id"),
        columns={"deal_id": "text", "owner_id": "text", "share": "ratio"},
    ),
    "activities": FileTable(
        key=("activity_id",),
        columns={
            "activity_id": "text",
            "person_id": "text",
            "deal_id": "text",
            "owner_id": "text",
            "activity_type": "text",
            "occurred_at": "timestamp",
            "direction": "text",
            "status": "text",
            "is_automated": "boolean",
            "outcome": "text",
        },
    ),
    "spend": FileTable(
        key=("spend_id",),
        columns={
            "spend_id": "text",
            "channel": "text",
            "platform": "text",
            "campaign": "text",
            "start_date": "date",
            "end_date": "date",
            "amount": "money",
            "currency": "currency",
            "impressions": "count",
            "clicks": "count",
            "reach": "count",
            "region": "text",
        },
        period=("start_date", "end_date"),
    ),
    "targets": FileTable(
        key=("target_id",),
        columns={
            "target_id": "text",
            "department": "text",
            "metric": "text",
            "owner_id": "text",
            "team": "text",
            "segment": "text",
            "period_start": "date",
            "period_end": "date",
            "amount": "money",
            "currency": "currency",
            "valid_from": "date",
            "ramp": "text",
        },
        period=("period_start", "period_end"),
    ),
    "owners": FileTable(
        key=("owner_id",),
        columns={
            "owner_id": "text",
            "full_name": "text",
            "email": "text",
            "team": "text",
            "manager_id": "text",
            "start_date": "date",
        },
    ),
    "owner_teams": FileTable(
        key=("owner_id", "valid_from"),
        columns={"owner_id": "text", "valid_from": "date", "team": "text"},
    ),
    "fx_rates": FileTable(
        key=("rate_date", "from_currency", "to_currency"),
        columns={"rate_date": "date", "from_currency": "currency", "to_currency": "currency", "rate": "rate"},
    ),
    "web_events": FileTable(
        key=("event_id",),
        columns={
            "event_id": "text",
            "visitor_id": "text",
            "person_id": "text",
            "email": "text",
            "occurred_at": "timestamp",
            "event_name": "text",
            "url": "text",
            "referrer": "text",
            "source": "text",
            "medium": "text",
            "campaign": "text",
            "click_id": "text",
        },
    ),
    "subscriptions": FileTable(
        key=("subscription_id",),
        columns={
            "subscription_id": "text",
            "person_id": "text",
            "company": "text",
            "plan": "text",
            "mrr": "money",
            "currency": "currency",
            "started_at": "timestamp",
            "ended_at": "timestamp",
        },
        period=("started_at", "ended_at"),
    ),
    "subscription_changes": FileTable(
        key=("subscription_id", "changed_at"),
        columns={"subscription_id": "text", "changed_at": "timestamp", "mrr": "money"},
    ),
}
