"""What is told of single rows names nobody, and still tells one row from another."""

import pytest

from ingestion.masking import masked


@pytest.mark.parametrize(
    "text",
    [
        "ana@example.com",
        "José.O'Neil+crm@mail.exämple.co.uk",
        "张伟@例子.公司",
        "ana@crm",
        "+33 6 12 34 56 78",
        "+1 (555) 123-4567",
    ],
)
def test_an_address_or_phone_number_is_not_told(text: str) -> None:
    assert masked(text) == "***"
    assert masked(f"deals.csv: no deal of <{text}>, line 3") == "deals.csv: no deal of <***>, line 3"


@pytest.mark.parametrize(
    "value",
    [
        "p1",
        "500000450",
        "2026-06-30 09:00:00+00:00",
        "2026-06-30",
        "call:600224005",
        "1.5e+308",
        "d41d8cd98f00b204",
        "@media",
        "vega@5.17.0",
        7,
        None,
    ],
)
def test_ids_days_and_numbers_are_told(value: object) -> None:
    assert masked(value) == value
