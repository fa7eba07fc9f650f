"""Input that nobody should deliver, through all models and their tests: defined, and never a wrong total.

- a touch that names nobody is in no path and no touch of anybody;
- two people who came by one click have each a touch of their own, and neither counts twice;
- a deal without people is worth what it is worth, unattributed;
- a won deal of no known day is no conversion and no day's revenue, and is listed;
- 10,000 touches of one lead, several of one moment, are one lead;
- a change of a subscription outside of its time is no recurring revenue, is listed, and stops no night.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.load import load
from ingestion.settings import business_day
from publishing.build import build
from publishing.nights import build_file

PEOPLE = """person_id,email,created_at
joe,joe@joes-bakery.example,2026-05-01
kim,kim@kims-garage.example,2026-05-01
lou,lou@lous-cinema.example,2026-05-01
"""
CLICK = "https://shop.example/?gclid=one-click,one-click,google,cpc"
WEB_EVENTS = f"""event_id,visitor_id,person_id,occurred_at,event_name,url,click_id,source,medium
e1,tablet,joe,2026-06-01T10:00:00,page_view,{CLICK}
e2,phone,kim,2026-06-02T10:00:00,page_view,{CLICK}
"""
DEALS = """deal_id,person_id,amount,currency,created_at,closed_at,is_won
of_joe,joe,100.00,USD,2026-06-03,2026-06-10T12:00:00,true
of_kim,kim,30.01,USD,2026-06-03,2026-06-10T12:00:00,true
of_nobody,,50.00,USD,2026-06-03,2026-06-10T12:00:00,true
of_no_day,lou,70.00,USD,,,true
"""
SUBSCRIPTIONS = """subscription_id,person_id,mrr,started_at,ended_at,currency
ended,joe,100,2026-02-01,2026-04-01,USD
within_an_hour,joe,100,2026-02-01T09:00:00,2026-02-01T10:00:00,USD
within_no_time,joe,100,2026-02-01,2026-02-01,USD
before_it_began,joe,100,2026-02-01,2026-01-01,USD
running,kim,100,2026-02-01,,USD
free,kim,0,2026-02-01,,USD
discount,kim,-10,2026-03-01,,USD
of_no_rate,lou,70,2026-02-01,,CHF
since_its_change,lou,,,,USD
since_when,lou,60,,,USD
"""
SUBSCRIPTION_CHANGES = """subscription_id,changed_at,mrr
ended,2026-05-01,150
running,2026-01-01,80
running,2026-05-01,110
running,2026-05-01,120
since_its_change,2026-05-01,66
nobodys,2026-05-01,99
"""
STAGE_CHANGES = "person_id,stage,changed_at\nlou,warm,2026-06-20T00:00:00\n"
TOUCHES = 10_000


def touches() -> str:
    """Four touches of Lou a minute, and one of nobody."""
    start = datetime(2026, 6, 1)
    rows = [
        f"t{number},lou,{(start + timedelta(minutes=number // 4)).isoformat()},seminar,{('tv', 'email')[number % 2]}"
        for number in range(TOUCHES)
    ]
    return "\n".join(
        ["touch_id,person_id,touched_at,touch_type,source", *rows, "lost,,2026-06-01T00:00:00,seminar,tv", ""]
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad_input")
    files = folder / "files"
    files.mkdir()
    tables = {
        "people": PEOPLE,
        "web_events": WEB_EVENTS,
        "deals": DEALS,
        "stage_changes": STAGE_CHANGES,
        "touches": touches(),
        "subscriptions": SUBSCRIPTIONS,
        "subscription_changes": SUBSCRIPTION_CHANGES,
    }
    for name, text in tables.items():
        (files / f"{name}.csv").write_text(text)
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAREHOUSE_DIR", str(folder / "warehouse"))
        settings.setenv("AS_OF", "2026-06-30")
        settings.setenv("SOURCES__FILES__BUCKET_URL", str(files))
        load("files", until=business_day())
        assert build(), "dbt failed a model or a critical test"
        return build_file()


def rows(built: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(built), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.prove
def test_every_model_shares_out_all_deals_that_of_nobody_unattributed(built: Path) -> None:
    told = rows(
        built,
        """
        select sum(weight), sum(attributed_value), sum(attributed_value) filter (where channel = 'unattributed')
        from marketing.fct_attribution where conversion_type = 'won_deal' group by attribution_model
        """,
    )
    assert set(told) == {(3, Decimal("180.01"), Decimal("50.00"))}


@pytest.mark.prove
def test_a_won_deal_of_no_known_day_stays_won_and_is_listed_and_no_revenue_of_any_day(built: Path) -> None:
    assert rows(built, "select source, source_deal_id from intermediate.int_deals__undated") == [("files", "of_no_day")]
    assert rows(built, "select closed_date, is_won from sales.fct_deals where source_deal_id = 'of_no_day'") == [
        (None, True)
    ]
    assert rows(built, "select sum(revenue) from sales.rpt_revenue_monthly") == [(Decimal("180.01"),)]


@pytest.mark.prove
def test_two_people_of_one_click_have_a_touch_each(built: Path) -> None:
    told = rows(
        built,
        """
        select conversion_value, count(*), min(channel), max(channel), sum(weight)
        from marketing.fct_attribution
        where conversion_type = 'won_deal' and attribution_model = 'linear' and touch_key is not null
        group by all order by all
        """,
    )
    assert told == [
        (Decimal("30.01"), 1, "paid_search", "paid_search", 1),
        (Decimal("100.00"), 1, "paid_search", "paid_search", 1),
    ]


@pytest.mark.prove
def test_a_lead_of_10_000_touches_is_one_lead_and_the_touch_of_nobody_is_none(built: Path) -> None:
    leads = (
        "from marketing.fct_attribution where conversion_type = 'lead' and deal_key is null and touch_key is not null"
    )
    told = rows(built, f"select sum(weight) {leads} and channel in ('tv', 'email') group by attribution_model")
    assert set(told) == {(1,)}
    assert rows(built, "select count(*) from core.fct_touches where source = 'files' and touch_type = 'seminar'") == [
        (TOUCHES,)
    ]


@pytest.mark.prove
def test_a_change_outside_of_its_subscription_is_listed_and_no_recurring_revenue(built: Path) -> None:
    assert rows(
        built,
        "select subscription_id, reason from intermediate.int_subscription_changes__strayed order by all",
    ) == [
        ("ended", "after its end"),
        ("nobodys", "unknown subscription"),
        ("running", "before its start"),
        ("since_when", "without a start"),
    ]
    assert rows(
        built,
        """
        select
            month(month_start_date), opening_mrr, new_mrr, expansion_mrr, contraction_mrr, churned_mrr,
            reactivation_mrr, closing_mrr, closing_customers, unconverted_subscriptions
        from sales.rpt_mrr_monthly where level = 'company' order by all
        """,
    ) == [
        (2, 0, 300, 0, 0, 100, 0, 200, 3, 1),
        (3, 200, -10, 0, 0, 0, 0, 190, 3, 1),
        (4, 190, 0, 0, 0, 100, 0, 90, 2, 1),
        (5, 90, 66, 20, 0, 0, 0, 176, 2, 1),
        (6, 176, 0, 0, 0, 0, 0, 176, 2, 1),
    ]
    files = built.parent.parent / "raw" / "files.duckdb"
    assert rows(files, "select table_name, line from raw.bad_rows") == [("subscriptions", 5)]
