"""What touches led to what, against the touches and conversions that really happened in the sandbox company.

Each model is written down once more, as its sentence in the seed reads. Only markov's values are taken from the marts:
its effects are solved another way in tests/attribution.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.warehouse.conftest import Night
from tests.warehouse.truth import utc

LOOKBACK = timedelta(days=90)
UNATTRIBUTED = "unattributed"
Path = list[dict]  # touches in order


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion with the touches that may have led to it, and what it is worth: of a customer the first deal."""

    kind: str
    at: datetime
    path: Path
    lead_at: datetime | None
    opportunity_at: datetime | None
    value: Decimal | None = None

    @property
    def month(self) -> date:
        return self.at.date().replace(day=1)

    def last_until(self, moment: datetime | None) -> int | None:
        """The place of the last touch up to a moment that lies before the conversion."""
        if moment is None or moment > self.at:
            return None
        return sum(touch["touched_at"] <= moment for touch in self.path) - 1


@pytest.fixture(scope="module")
def conversions(night: Night) -> list[Conversion]:
    """Every conversion of the truth."""
    moments, touches = defaultdict(dict), defaultdict(list)
    for row in night.world.truth["conversions"]:
        moments[row["person_id"]][row["conversion_type"]] = row["converted_at"]
    for touch in night.world.truth["touches"]:
        qualified_at = moments[touch["person_id"]].get("qualified")
        if touch["department"] == "marketing" or qualified_at is None or touch["touched_at"] < qualified_at:
            touches[touch["person_id"]].append(touch)

    def conversion(kind: str, at: datetime, people: list[str], value: Decimal | None = None) -> Conversion:
        path = [touch for person in people for touch in touches[person] if at - LOOKBACK <= touch["touched_at"] <= at]
        first = {
            stage: min((moments[person][stage] for person in people if stage in moments[person]), default=None)
            for stage in ("lead", "opportunity")
        }
        path.sort(key=lambda touch: touch["touched_at"])
        return Conversion(kind, at, path, first["lead"], first["opportunity"], value)

    first_deals = {}
    for deal in sorted(night.world.truth["won_deals"], key=lambda deal: deal["closed_at"]):
        if deal["amount"] >= 0:
            first_deals = dict.fromkeys(deal["person_ids"], deal["amount_reporting"]) | first_deals
    return [
        conversion(
            row["conversion_type"],
            row["converted_at"],
            [row["person_id"]],
            first_deals.get(row["person_id"]) if row["conversion_type"] == "customer" else None,
        )
        for row in night.world.truth["conversions"]
    ] + [
        conversion("won_deal", row["closed_at"], row["person_ids"], row["amount_reporting"])
        for row in night.world.truth["won_deals"]
    ]


def last_non_direct(conversion: Conversion) -> list[float]:
    others = [place for place, touch in enumerate(conversion.path) if touch["channel"] != "direct"]
    return only(conversion, others[-1] if others else -1)


def position_based(conversion: Conversion) -> list[float]:
    middle = len(conversion.path) - 2
    return [0.4, *([0.2 / middle] * middle if middle > 0 else []), 0.4][: len(conversion.path)]


def w_shaped(conversion: Conversion) -> list[float]:
    roles = Counter([0])
    for moment in (conversion.lead_at, conversion.opportunity_at):
        if (place := conversion.last_until(moment)) is not None and place >= 0:
            roles[place] += 1
    others = len(conversion.path) - len(roles)
    return [0.3 * roles[place] if place in roles else 0.1 / others for place in range(len(conversion.path))]


def time_decay(conversion: Conversion) -> list[float]:
    return [0.5 ** ((conversion.at - touch["touched_at"]) / timedelta(days=7)) for touch in conversion.path]


def shapley(conversion: Conversion) -> list[float]:
    times = Counter(touch["channel"] for touch in conversion.path)
    return [1 / times[touch["channel"]] for touch in conversion.path]


def only(conversion: Conversion, place: int) -> list[float]:
    """All for one touch."""
    shares = [0.0] * len(conversion.path)
    shares[place] = 1.0
    return shares


MODELS: dict[str, Callable[[Conversion], list[float]]] = {
    "first_touch": lambda conversion: only(conversion, 0),
    "last_touch": lambda conversion: only(conversion, -1),
    "last_non_direct": last_non_direct,
    "linear": lambda conversion: [1.0] * len(conversion.path),
    "position_based": position_based,
    "w_shaped": w_shaped,
    "time_decay": time_decay,
    "shapley": shapley,
}


def credited(conversion: Conversion, model: str) -> list[tuple[str, str | None, float]]:
    """Channel, campaign and share of each touch; of nobody's conversion all is unattributed."""
    if not conversion.path:
        return [(UNATTRIBUTED, None, 1.0)]
    shares = MODELS[model](conversion)
    return [
        (touch["channel"], touch["campaign"], share / sum(shares))
        for touch, share in zip(conversion.path, shares, strict=True)
    ]


@pytest.fixture(scope="module")
def values(conversions: list[Conversion]) -> dict[tuple, float]:
    """What each model gives each channel of each month's deals, of all time under None."""
    found = defaultdict(float)
    for conversion in (conversion for conversion in conversions if conversion.kind == "won_deal"):
        for model in MODELS:
            for channel, _, share in credited(conversion, model):
                found[model, channel, conversion.month] += share * float(conversion.value or 0)
                found[model, channel, None] += share * float(conversion.value or 0)
    return found


def test_every_touch_really_happened_and_none_is_missing(night: Night, key_of: dict) -> None:
    really = Counter(
        (key_of[row["person_id"]], utc(row["touched_at"]), row["channel"], row["department"])
        for row in night.world.truth["touches"]
    )
    assert Counter(night.rows("select person_key, touched_at, channel, department from core.fct_touches")) == really
    assert {department for *_, department in really} == {"marketing", "sales"}


def test_every_model_gives_each_channel_and_month_the_conversions_it_really_led_to(
    night: Night, conversions: list[Conversion]
) -> None:
    really = defaultdict(float)
    for conversion in conversions:
        for model in MODELS:
            for channel, _, share in credited(conversion, model):
                really[conversion.kind, model, channel, conversion.month] += share
                really[conversion.kind, model, channel, None] += share
    told = night.rows("""
        select conversion_type, attribution_model, channel, period_start, conversions
        from marketing.rpt_attribution_channels where attribution_model <> 'markov'
    """)
    assert {tuple(cell): float(share) for *cell, share in told if share} == pytest.approx(
        {cell: share for cell, share in really.items() if share > 1e-9}, abs=1e-5, rel=1e-6
    )


def test_every_model_gives_each_channel_and_month_its_revenue(night: Night, values: dict[tuple, float]) -> None:
    told = {
        tuple(cell): float(value or 0)
        for *cell, value in night.rows("""
            select attribution_model, channel, period_start, conversion_value from marketing.rpt_attribution_channels
            where conversion_type = 'won_deal' and attribution_model <> 'markov'
        """)
    }
    for cell in told.keys() | values.keys():
        # Each credit is rounded to the cent.
        assert told.get(cell, 0) == pytest.approx(values.get(cell, 0), abs=1), cell
    assert any(told.values())


def test_channels_earn_by_every_model_what_their_touches_led_to(night: Night, values: dict[tuple, float]) -> None:
    by_model = """
        select attribution_model, channel, month_start_date, sum(attributed_revenue)
        from marketing.rpt_return_by_model where attribution_model <> 'markov' group by all
    """
    by_day = """
        select 'position_based', channel, date_trunc('month', activity_date)::date, sum(attributed_revenue)
        from marketing.rpt_channel_performance group by all
    """
    for query, models in ((by_model, set(MODELS)), (by_day, {"position_based"})):
        told = {tuple(cell): float(revenue) for *cell, revenue in night.rows(query)}
        months = {cell for cell in values if cell[0] in models and cell[2]}
        for cell in told.keys() | months:
            assert told.get(cell, 0) == pytest.approx(values.get(cell, 0), abs=1), cell
        assert {model for model, *_ in told} == models


def test_the_share_that_touches_explain_is_that_of_the_conversions_that_had_some(
    night: Night, conversions: list[Conversion]
) -> None:
    really = defaultdict(lambda: [0, 0, Decimal(0), Decimal(0)])
    for conversion in conversions:
        cell, value = really[conversion.month, conversion.kind], conversion.value or 0
        cell[0] += 1
        cell[1] += bool(conversion.path)
        cell[2] += value
        cell[3] += value if conversion.path else 0
    told = night.rows("""
        select month_start_date, conversion_type, conversions, attributed, coalesce(conversion_value, 0),
            coalesce(attributed_value, 0)
        from marketing.rpt_attribution_rate
    """)
    assert {row[:2]: list(row[2:]) for row in told} == really
    assert any(counts[1] < counts[0] for counts in really.values())


def test_models_disagree_on_each_channel_and_month_by_as_much_as_they_really_do(
    night: Night, values: dict[tuple, float]
) -> None:
    told_of = dict(values)
    for channel, period, value in night.rows("""
        select channel, period_start, conversion_value from marketing.rpt_attribution_channels
        where conversion_type = 'won_deal' and attribution_model = 'markov'
    """):
        told_of["markov", channel, period] = float(value or 0)
    told = night.rows("""
        select period_start, channel, lowest_model, lowest_value, highest_model, highest_value, default_value, spread,
            spread_rank
        from marketing.rpt_attribution_disagreement
    """)
    assert {row[:2] for row in told} == {(period, channel) for _, channel, period in told_of}
    for period, channel, lowest_model, lowest, highest_model, highest, default, spread, _ in told:
        really = {model: told_of.get((model, channel, period), 0) for model in [*MODELS, "markov"]}
        # Each credit is rounded to the cent.
        assert [float(lowest), float(highest)] == pytest.approx([min(really.values()), max(really.values())], abs=1)
        assert [really[lowest_model], really[highest_model]] == pytest.approx([float(lowest), float(highest)], abs=1)
        assert float(default) == pytest.approx(really["position_based"], abs=1)
        assert spread == highest - lowest
    for period in {row[0] for row in told}:
        spreads = [spread for _, spread in sorted((row[-1], row[-2]) for row in told if row[0] == period)]
        assert spreads == sorted(spreads, reverse=True)


def test_platforms_claim_what_they_did_beside_the_leads_and_customers_that_are_ours(
    night: Night, conversions: list[Conversion]
) -> None:
    ads = {(campaign.platform, campaign.campaign_id): campaign for campaign in night.world.campaigns}
    by_name = {campaign.name: campaign for campaign in night.world.campaigns}
    really = defaultdict(lambda: [0.0, 0.0, 0.0])
    for day in night.world.ad_days:
        campaign = ads[day.platform, day.campaign_id]
        really[day.day.replace(day=1), day.platform, campaign.channel][0] += float(day.conversions)
    for conversion in conversions:
        if conversion.kind in ("lead", "customer"):
            for _, name, share in credited(conversion, "position_based"):
                if campaign := by_name.get(name):
                    cell = really[conversion.month, campaign.platform, campaign.channel]
                    cell[1 if conversion.kind == "lead" else 2] += share
    told = night.rows("""
        select month_start_date, platform, channel, platform_conversions, own_leads, own_customers, over_claim_ratio
        from marketing.rpt_platform_claims
    """)
    assert {row[:3]: [float(number) for number in row[3:6]] for row in told} == {
        cell: pytest.approx(numbers, abs=1e-5, rel=1e-6) for cell, numbers in really.items()
    }
    assert all(ratio == pytest.approx(float(claimed) / float(leads)) for *_, claimed, leads, _, ratio in told if leads)
    assert any(numbers[1] and numbers[2] for numbers in really.values())
