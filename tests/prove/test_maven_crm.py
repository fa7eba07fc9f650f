"""Real sales of somebody else, brought as a user brings them: the known answers from the published tables."""

import gzip
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion import SOURCES
from ingestion.load import load
from publishing.build import build
from publishing.nights import published_dir
from publishing.publish import publish

pytestmark = pytest.mark.prove

DATA = Path("tests/maven_crm")
LAST_DAY = date(2017, 12, 31)


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Sales' published tables, and the delivered files as they are (`pipeline`, `teams`)."""
    folder = tmp_path_factory.mktemp("maven_crm")
    (folder / "files").mkdir()
    for name in ("mapping.toml", "sales_teams.csv"):
        shutil.copy(DATA / name, folder / "files")
    pipeline = folder / "files" / "sales_pipeline.csv"
    pipeline.write_bytes(gzip.decompress((DATA / "sales_pipeline.csv.gz").read_bytes()))
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAREHOUSE_DIR", str(folder / "warehouse"))
        settings.setenv("AS_OF", LAST_DAY.isoformat())
        settings.setenv("SOURCES__FILES__BUCKET_URL", str(folder / "files"))
        for source in SOURCES:
            load(source, until=LAST_DAY)
        assert build(), "dbt failed a model or a critical test"
        publish()
        published = published_dir() / "current" / "sales.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as warehouse (read_only)")
        connection.execute(f"create view pipeline as from '{pipeline}'")
        connection.execute(f"create view teams as from '{folder / 'files' / 'sales_teams.csv'}'")
        connection.execute("use warehouse")
        yield connection


KNOWN = {
    "select stage, count(*) from sales.fct_deals group by all order by all": [
        ("accepted", 500), ("customer", 4238), ("lost", 2473), ("proposal", 1589),
    ],
    "select sum(amount_reporting) from sales.fct_deals where is_won": [(Decimal(10005534),)],
    "select sum(revenue) from sales.rpt_revenue_monthly": [(Decimal(10005534),)],
    "select round(100.0 * count(*) filter (where is_won) / count(*), 6) from sales.fct_deals where is_closed": [
        (63.150052,)
    ],
    """
    select round(100 * sum(won_deals) / sum(closed_deals), 6)
    from sales.rpt_sales_velocity where level = 'company' and period = 'month'
    """: [(63.150052,)],
    "select is_won, round(avg(cycle_days), 6) from sales.fct_deals where is_closed group by all order by all": [
        (False, 41.479175), (True, 51.781973),
    ],
    """
    select deals.is_won, round(avg(date_diff('day', stages.opened_at, deals.closed_at)), 6)
    from sales.fct_deals as deals
    inner join (select deal_key, min(entered_at) as opened_at from sales.fct_deal_stages group by all) as stages
        using (deal_key)
    where deals.is_closed group by all order by all
    """: [(False, 41.479175), (True, 51.781973)],
    """
    select team, sum(amount_reporting)
    from sales.fct_deals inner join sales.dim_owners using (owner_key) where is_won group by all order by all
    """: [("Central", Decimal(3346293)), ("East", Decimal(3090594)), ("West", Decimal(3568647))],
    """
    select period_start_date, won_amount
    from sales.rpt_sales_velocity where level = 'company' and period = 'quarter' and won_deals > 0 order by all
    """: [
        (date(2017, 1, 1), Decimal(1134672)), (date(2017, 4, 1), Decimal(3086111)),
        (date(2017, 7, 1), Decimal(2982255)), (date(2017, 10, 1), Decimal(2802496)),
    ],
    """
    select
        count(*) filter (where is_won), count(*) filter (where not is_won), sum(amount_reporting) filter (where is_won)
    from sales.fct_deals inner join sales.dim_owners using (owner_key)
    where is_closed and full_name = 'Darcel Schlecht'
    """: [(349, 204, Decimal(1153214))],
    "select sum(lost_deals) from sales.rpt_loss_reasons": [(2473,)],
    """
    select stage, sum(deals) from sales.rpt_pipeline
    where as_of_date = '2017-12-31' and deals > 0 group by all order by all
    """: [("accepted", 500), ("proposal", 1589)],
    """
    select
        count(*), count(*) filter (where company_key is null), count(*) filter (where created_at is null),
        count(*) filter (where owner_key is null)
    from sales.fct_deals
    """: [(8800, 1425, 500, 0)],
}  # fmt: skip


@pytest.mark.parametrize("question", KNOWN, ids=lambda question: " ".join(question.split())[:80])
def test_known_answer_is_told(sales: duckdb.DuckDBPyConnection, question: str):
    assert sales.execute(question).fetchall() == KNOWN[question]


def test_every_agent_sold_in_every_month_what_the_file_says(sales: duckdb.DuckDBPyConnection):
    told = sales.execute("""
        select
            date_trunc('month', closed_date), team, full_name, count(*) filter (where is_won), count(*),
            coalesce(sum(amount_reporting) filter (where is_won), 0)
        from sales.fct_deals inner join sales.dim_owners using (owner_key)
        where is_closed group by all order by all
    """).fetchall()
    by_hand = sales.execute("""
        select
            date_trunc('month', close_date), regional_office, sales_agent, count(*) filter (where deal_stage = 'Won'),
            count(*), coalesce(sum(close_value) filter (where deal_stage = 'Won'), 0)
        from memory.pipeline inner join memory.teams using (sales_agent)
        where deal_stage in ('Won', 'Lost') group by all order by all
    """).fetchall()
    assert len(by_hand) > 250
    assert told == by_hand
