"""Vendors' JSON becomes typed columns, or an error that points at the value."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ingestion.columns import Field, MalformedValueError, arrow_table, hints

FIELDS = {
    "campaign_id": Field("campaign.id", "text"),
    "cost_micros": Field("metrics.costMicros", "bigint", 0),
    "conversions": Field("metrics.conversions", "double", 0.0),
    "day": Field("segments.date", "date"),
    "spend": Field("spend", "decimal"),
    "created_at": Field("created_time", "timestamp"),
    "is_manager": Field("manager", "bool", False),
}


def test_vendors_texts_become_typed_columns() -> None:
    rows = [
        {
            "campaign": {"id": "1"},
            "metrics": {"costMicros": "48210000", "conversions": 3.5},
            "segments": {"date": "2026-10-03"},
            "spend": "107.5300000000000335346",
            "created_time": "2026-10-01T08:15:30+0200",
            "manager": True,
            "new": "left out",
        },
        {"campaign": {"id": "2"}, "metrics": None, "spend": 3.2},
    ]
    assert arrow_table(rows, FIELDS, "test").to_pylist() == [
        {
            "campaign_id": "1",
            "cost_micros": 48210000,
            "conversions": 3.5,
            "day": date(2026, 10, 3),
            "spend": Decimal("107.53"),
            "created_at": datetime(2026, 10, 1, 6, 15, 30, tzinfo=UTC),
            "is_manager": True,
        },
        {
            "campaign_id": "2",
            "cost_micros": 0,
            "conversions": 0.0,
            "day": None,
            "spend": Decimal("3.2"),
            "created_at": None,
            "is_manager": False,
        },
    ]


def test_numbers_may_come_as_numbers_and_as_text() -> None:
    rows = [{"metrics": {"costMicros": "1"}}, {"metrics": {"costMicros": 2}}]
    assert arrow_table(rows, FIELDS, "test")["cost_micros"].to_pylist() == [1, 2]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"metrics": {"costMicros": "abc"}},
            "test: 'metrics.costMicros' is 'abc', not a bigint (row 2 of a page of 2)",
        ),
        ({"metrics": {"costMicros": 12.5}}, "'metrics.costMicros' is 12.5, not a bigint"),
        ({"segments": {"date": "03.10.2026"}}, "'segments.date' is '03.10.2026', not a date"),
        ({"spend": {"amount": 1}}, "'spend' is {'amount': 1}, not a decimal"),
        ({"metrics": "none"}, "a row has text where 'metrics.costMicros' stands"),
        ("rubbish", "a row has text where 'campaign.id' stands"),
    ],
)
def test_malformed_value_is_named(row: object, message: str) -> None:
    with pytest.raises(MalformedValueError) as raised:
        arrow_table([{"campaign": {"id": "1"}}, row], FIELDS, "test")
    assert message in str(raised.value)


def test_columns_are_declared_with_their_types() -> None:
    assert hints(FIELDS)["cost_micros"] == {"data_type": "bigint"}
