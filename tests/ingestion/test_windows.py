"""A pulled window equals the vendor's answer: a small report source, loaded into real DuckDB."""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from types import ModuleType

import dlt
import duckdb
import pyarrow as pa
import pytest
from dlt.extract import DltResource

from ingestion.load import LoadError, load
from ingestion.settings import raw_file
from ingestion.windows import chunks, pulled_window, replaced_window, window_pulled

UNTIL = date(2026, 6, 30)
COLUMNS = {"account_id": {"data_type": "text"}, "day": {"data_type": "date"}, "clicks": {"data_type": "bigint"}}
Vendor = dict[str, dict[date, int]]


@dlt.source(name="reports", max_table_nesting=0)
def reports(until: date, since: date | None = None) -> Iterator[DltResource]:
    """Clicks by account and day, as the test's vendor tells them now."""
    vendor = sys.modules["ingestion.sources.reports"].vendor

    def pull(account: str, first: date, last: date) -> Iterator[object]:
        rows = [
            {"account_id": account, "day": day, "clicks": clicks}
            for day, clicks in vendor[account].items()
            if first <= day <= last
        ]
        yield pa.Table.from_pylist(rows) if account == "arrow" and rows else rows

    @dlt.resource(columns=COLUMNS, primary_key=["account_id", "day"], write_disposition="merge")
    def clicks_daily() -> Iterator[object]:
        first, last = pulled_window(since, until, 30, UNTIL - timedelta(days=59))
        yield from replaced_window(
            first,
            last,
            list(vendor),
            lambda account: pull(account, first, last),
            account_column="account_id",
            day_column="day",
        )
        window_pulled(since, until)

    yield clicks_daily


@pytest.fixture
def vendor(monkeypatch) -> Vendor:
    """What the vendor knows: 60 days of two accounts."""
    module = ModuleType("ingestion.sources.reports")
    days = [UNTIL - timedelta(days=age) for age in range(60)]
    module.vendor = {"arrow": dict.fromkeys(days, 5), "o'lists": dict.fromkeys(days, 7)}
    module.reports = reports
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.vendor


def raw() -> Vendor:
    """What raw holds, in the vendor's shape."""
    with duckdb.connect(str(raw_file("reports")), read_only=True) as connection:
        rows = connection.execute("select account_id, day, clicks from raw.clicks_daily").fetchall()
    found: Vendor = {}
    for account, day, clicks in rows:
        assert day not in found.setdefault(account, {}), f"{account} has {day} twice"
        found[account][day] = clicks
    return found


def test_second_load_adds_no_rows(vendor: Vendor) -> None:
    load("reports", UNTIL)
    load("reports", UNTIL)
    assert raw() == vendor


@pytest.mark.parametrize("account", ["arrow", "o'lists"])
def test_row_that_disappears_at_the_vendor_disappears_in_raw(vendor: Vendor, account: str) -> None:
    load("reports", UNTIL)
    del vendor[account][UNTIL - timedelta(days=3)]
    vendor[account][UNTIL - timedelta(days=4)] = 99
    load("reports", UNTIL)
    assert raw() == vendor


def test_account_with_few_rows_may_lose_them_all(vendor: Vendor) -> None:
    for age in range(10, 60):
        del vendor["arrow"][UNTIL - timedelta(days=age)]
    load("reports", UNTIL)
    vendor["arrow"].clear()
    load("reports", UNTIL)
    assert raw() == {"o'lists": vendor["o'lists"]}


def test_days_and_accounts_outside_the_window_stay(vendor: Vendor) -> None:
    load("reports", UNTIL)
    before = {account: dict(days) for account, days in vendor.items()}
    vendor["arrow"] = {day: 1 for day in vendor["arrow"] if day > UNTIL - timedelta(days=40)}
    gone = vendor.pop("o'lists")
    load("reports", UNTIL)
    first = UNTIL - timedelta(days=30)
    assert raw()["arrow"] == {day: 1 if day >= first else clicks for day, clicks in before["arrow"].items()}
    assert raw()["o'lists"] == gone


@pytest.mark.parametrize("rows_left", [0, 6])
def test_implausibly_small_answer_is_refused(vendor: Vendor, monkeypatch, rows_left: int) -> None:
    load("reports", UNTIL)
    complete = {account: dict(days) for account, days in vendor.items()}
    vendor["arrow"] = dict(list(complete["arrow"].items())[:rows_left])
    with pytest.raises(LoadError, match=rf"clicks_daily of account arrow .* answers {rows_left} rows where raw has 31"):
        load("reports", UNTIL)
    assert raw() == complete
    monkeypatch.setenv("SOURCES__ACCEPT_FEWER_ROWS", "true")
    load("reports", UNTIL)
    assert len(raw()["arrow"]) == 60 - 31 + rows_left


def test_refused_answer_is_healed_by_the_next_whole_one(vendor: Vendor) -> None:
    load("reports", UNTIL)
    complete = dict(vendor["arrow"])
    vendor["arrow"].clear()
    with pytest.raises(LoadError):
        load("reports", UNTIL)
    vendor["arrow"].update(complete, **{})
    vendor["arrow"][UNTIL + timedelta(days=1)] = 8
    load("reports", UNTIL + timedelta(days=1))
    assert raw() == vendor


def test_missed_nights_are_caught_up_and_a_backfill_ends_in_the_same_rows(vendor: Vendor) -> None:
    load("reports", UNTIL - timedelta(days=59))
    load("reports", UNTIL - timedelta(days=10))
    load("reports", UNTIL)
    nightly = raw()
    assert nightly == vendor
    load("reports", UNTIL, since=UNTIL - timedelta(days=50))
    assert raw() == nightly


def test_backfill_replaces_what_its_nights_would_have_replaced(vendor: Vendor) -> None:
    load("reports", UNTIL - timedelta(days=5))
    vendor["arrow"][UNTIL - timedelta(days=35)] = 99  # 30 days before the last night
    load("reports", UNTIL, since=UNTIL - timedelta(days=4))
    assert raw() == vendor


def test_chunks_cover_each_day_once() -> None:
    cut = list(chunks(date(2026, 1, 30), date(2026, 2, 8), 4))
    assert cut == [
        (date(2026, 1, 30), date(2026, 2, 2)),
        (date(2026, 2, 3), date(2026, 2, 6)),
        (date(2026, 2, 7), date(2026, 2, 8)),
    ]
