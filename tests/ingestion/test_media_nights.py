"""The simulated company's web, email and social data: missed nights are caught up to the row."""

from datetime import date

import pytest

from ingestion.load import load
from ingestion.sandbox.company import company

TABLES = {
    "google_analytics": ("sessions_daily",),
    "mailchimp": ("lists", "members", "campaigns", "reports", "email_activity", "unsubscribes"),
    "facebook_pages": ("pages", "page_daily", "instagram_daily", "posts", "media"),
}


@pytest.mark.parametrize("source", TABLES)
def test_a_late_night_tells_what_a_fresh_start_tells(sandbox, raw, monkeypatch, tmp_path, source):
    monkeypatch.setenv(f"SOURCES__{source}__INITIAL_DATE".upper(), "2026-04-01")
    for as_of in (date(2026, 6, 18), date(2026, 6, 19), date(2026, 6, 30)):
        with sandbox(company(as_of, scale=0.05)):
            load(source, as_of)
    caught_up = {table: raw(source, table) for table in TABLES[source]}
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "fresh"))
    with sandbox(company(date(2026, 6, 30), scale=0.05)):
        load(source, date(2026, 6, 30))
    for table, rows in caught_up.items():
        assert rows, f"the company has no {table}"
        assert rows == raw(source, table)
