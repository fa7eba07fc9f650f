"""The checks that decide whether a night is published, on a night of the sandbox company."""

import pytest

from expectations.checkpoint import PHASES, Check, run
from expectations.rules import CRITICAL
from publishing.configuration import mistakes
from publishing.configured import counted
from tests.warehouse.conftest import Night


@pytest.fixture(scope="module")
def checks(night: Night) -> list[Check]:
    """Every rule, judged on the night."""
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAREHOUSE_DIR", str(night.warehouse.parents[1]))
        settings.setenv("AS_OF", night.world.as_of.isoformat())
        return [check for phase in PHASES for check in run(phase)]


def test_a_night_of_the_sandbox_passes_every_critical_check(checks: list[Check]):
    assert {check.phase for check in checks} == set(PHASES)
    assert [check for check in checks if not check.success and check.severity == CRITICAL] == []


def test_a_missing_rate_is_told_with_its_currency_and_day(checks: list[Check], night: Night):
    unconverted = [deal for deal in night.world.truth["won_deals"] if deal["amount_reporting"] is None]
    told = [check for check in checks if check.table == "build.sales.fct_deals" and "exchange rate" in check.rule]
    assert [row for check in told for row in check.examples] == [
        {"currency": deal["currency"], "closed_date": deal["closed_at"].date(), "unconverted": 1}
        for deal in unconverted
    ]
    assert unconverted


def test_currencies_told_before_the_build_are_those_that_the_models_cannot_convert(
    night: Night, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WAREHOUSE_DIR", str(night.warehouse.parent.parent))
    monkeypatch.setenv("AS_OF", night.world.as_of.isoformat())
    unconverted = night.rows(f"""
        select told_in, currency, count(distinct day), min(day)
        from (
            select
                case when is_offline then 'files.raw.spend' else platform || '.raw.campaign_daily' end as told_in,
                currency, activity_date as day
            from marketing.fct_spend where spend is not null and spend_reporting is null
            union all
            select source || '.raw.deals', currency, coalesce(closed_date, date '{night.world.as_of}')
            from sales.fct_deals where amount is not null and amount_reporting is null
        )
        group by told_in, currency
    """)
    told = [(mistake.file, mistake.what.partition(":")[0]) for mistake in mistakes()]
    assert sorted(told) == sorted(
        (told_in, f"{currency} has no rate of {counted(days, 'day')}, the first {first}")
        for told_in, currency, days, first in unconverted
    )
    assert {told_in.partition(".")[0] for told_in, *_ in unconverted} == {"files", "hubspot"}
