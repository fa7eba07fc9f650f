"""What came of the leads handed over and what they cost, against what really happened and was spent."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.warehouse.agreement import read_terms, valid_terms
from tests.warehouse.conftest import Night
from tests.warehouse.reckoning import CENT, month_of
from tests.warehouse.truth import utc

RANKS = {"cold": 1, "warm": 2, "qualified": 3, "accepted": 4, "proposal": 5, "negotiation": 6, "customer": 7}
RANKS |= {"repeat_customer": 8}
KINDS = (
    *("delivered", "accepted", "rejected", "never_worked", "opportunities"),
    *("won", "won_deals", "revenue", "unconverted_deals"),
)
WITHOUT_HANDOFF = {"not_handed_over", "bought_without_sales"}
CAMPAIGN = "lower(trim(campaign_name))"
# A row of lead quality: month, channel and campaign (None without one).
Lead = tuple[date, str, str | None]


def end_of(night: Night) -> datetime:
    return datetime.combine(night.world.as_of + timedelta(days=1), time(), UTC)


def with_next(handoffs: list[dict], end: datetime) -> Iterator[tuple[dict, datetime]]:
    """Each handoff and the moment of the person's next one, else the end of the night's day."""
    by_person = defaultdict(list)
    for handoff in sorted(handoffs, key=lambda handoff: handoff["qualified_at"]):
        by_person[handoff["person_id"]].append(handoff)
    for theirs in by_person.values():
        yield from zip(theirs, [*(handoff["qualified_at"] for handoff in theirs[1:]), end], strict=True)


@pytest.fixture(scope="module")
def quality(night: Night) -> dict[Lead, dict[str, Counter]]:
    """What came of the handoffs, by segment; a rejection also counts under its reason."""
    agreement, end = read_terms(), end_of(night)
    people = {person["person_id"]: person for person in night.world.truth["people"]}
    spells, deals = defaultdict(list), defaultdict(list)
    for spell in night.world.truth["spells"]:
        spells[spell["person_id"]].append(spell)
    handed_over = defaultdict(list)
    for handoff in night.world.truth["handoffs"]:
        handed_over[handoff["person_id"]].append(handoff["qualified_at"])
    for deal in night.world.truth["won_deals"]:
        before = {
            person_id: max((at for at in handed_over[person_id] if at <= deal["closed_at"]), default=None)
            for person_id in deal["person_ids"]
        }
        asked = [person_id for person_id in deal["person_ids"] if before[person_id]]
        if asked and asked[0] != deal["person_ids"][0]:
            asked.sort(key=lambda person_id: before[person_id], reverse=True)
        for person_id in asked[:1]:
            deals[person_id].append(deal)
    found = defaultdict(lambda: defaultdict(Counter))
    for handoff, until in with_next(night.world.truth["handoffs"], end):
        qualified_at, person = handoff["qualified_at"], people[handoff["person_id"]]
        campaign = (person["original_campaign"] or "").strip().lower() or None
        came = found[month_of(qualified_at), handoff["original_channel"], campaign][person["segment"]]
        terms = valid_terms(agreement, qualified_at.date(), person["segment"])
        is_over = terms.due(utc(qualified_at)) < utc(end)
        won = [deal for deal in deals[person["person_id"]] if qualified_at <= deal["closed_at"] < until]
        came["delivered"] += 1
        came[handoff["decision"]] += 1
        if handoff["decision"] == "rejected":
            came["because", handoff["rejection_reason"] or "unstated"] += 1
        came["never_worked"] += handoff["first_response_at"] is None and is_over
        came["opportunities"] += any(
            qualified_at <= spell["entered_at"] < until and RANKS.get(spell["stage"], 0) >= RANKS["proposal"]
            for spell in spells[person["person_id"]]
        )
        came["won"] += any(deal["amount"] >= 0 for deal in won)
        came["won_deals"] += len(won)
        came["revenue"] += sum(deal["amount_reporting"] or 0 for deal in won)
        came["unconverted_deals"] += sum(deal["amount_reporting"] is None for deal in won)
    return found


@pytest.fixture(scope="module")
def spent(night: Night) -> dict[Lead, Decimal | None]:
    """What was spent, None where a part of it has no exchange rate."""
    found = {}
    for row in night.world.truth["spend_days"]:
        key = month_of(row["day"]), row["channel"], row["campaign"].strip().lower()
        is_unknown = found.get(key, 0) is None or (row["spend_reporting"] is None and row["spend"])
        found[key] = None if is_unknown else found.get(key, 0) + (row["spend_reporting"] or 0)
    return found


def shared(cost: Decimal | None, parts: list[tuple[object, int]], whole: int) -> dict[object, Decimal | None]:
    """The cost shared out by counts: each running sum less the one before, so that no cent is lost."""
    costs, running, so_far = {}, 0, Decimal(0)
    for what, count in parts:
        running += count
        part = None if cost is None else (cost * running / whole).quantize(CENT, ROUND_HALF_UP)
        costs[what] = None if part is None else part - so_far
        so_far = part
    return costs


def test_lead_quality_is_what_really_came_of_the_handoffs(night: Night, quality: dict[Lead, dict[str, Counter]]):
    counts = ", ".join(f"sum({kind})" for kind in KINDS)
    told = night.rows(f"""
        select month_start_date, quality.channel, {CAMPAIGN}, {counts}
        from alignment.rpt_lead_quality as quality left join core.dim_campaigns using (campaign_key)
        group by all having sum(delivered) > 0
    """)
    really = {lead: sum(came.values(), Counter()) for lead, came in quality.items()}
    assert {row[:3]: row[3:] for row in told} == {
        lead: tuple(came[kind] for kind in KINDS) for lead, came in really.items()
    }
    by_segment = night.rows(f"""
        select month_start_date, quality.channel, {CAMPAIGN}, segment, {counts}
        from alignment.rpt_lead_quality_segments as quality left join core.dim_campaigns using (campaign_key)
        group by all having sum(delivered) > 0
    """)
    assert {row[:4]: row[4:] for row in by_segment} == {
        (*lead, segment): tuple(came[kind] for kind in KINDS)
        for lead, came_of in quality.items()
        for segment, came in came_of.items()
    }
    totals = sum(really.values(), Counter())
    assert all(totals[kind] for kind in KINDS if kind != "unconverted_deals")


def test_leads_cost_what_was_spent_on_their_campaign_that_month(
    night: Night, quality: dict[Lead, dict[str, Counter]], spent: dict[Lead, Decimal | None]
):
    told = night.rows(f"""
        select month_start_date, quality.channel, {CAMPAIGN}, sum(cost), sum(cost_of_rejected),
            sum(unconverted_spend_rows)
        from alignment.rpt_lead_quality as quality left join core.dim_campaigns using (campaign_key)
        group by all
    """)
    assert {row[:3]: row[3] for row in told if row[3] and not row[5]} == {
        lead: cost for lead, cost in spent.items() if cost
    }
    assert {row[:3] for row in told if row[5]} == {lead for lead, cost in spent.items() if cost is None}
    for *lead, _, cost_of_rejected, _ in told:
        came = sum(quality.get(tuple(lead), {}).values(), Counter())
        cost = spent.get(tuple(lead), Decimal(0))
        if cost is None or not came["delivered"]:
            assert cost_of_rejected is None
        else:
            assert abs(cost_of_rejected - cost * came["rejected"] / came["delivered"]) <= CENT / 2
    assert any(cost_of_rejected for *_, cost_of_rejected, _ in told)


def test_rejections_and_their_cost_are_told_by_the_reason_that_sales_gave(
    night: Night, quality: dict[Lead, dict[str, Counter]], spent: dict[Lead, Decimal | None]
):
    really, top = {}, {}
    for lead, came_of in quality.items():
        reasons = {
            (segment, key[1]): count
            for segment, came in came_of.items()
            for key, count in came.items()
            if key[0] == "because"
        }
        whole = sum(came["delivered"] for came in came_of.values())
        costs = shared(spent.get(lead, Decimal(0)), sorted(reasons.items()), whole)
        really |= {(*lead, *key): (count, costs[key]) for key, count in reasons.items()}
        by_reason = Counter()
        for (_, reason), count in reasons.items():
            by_reason[reason] += count
        top[lead] = min(by_reason, key=lambda reason: (-by_reason[reason], reason), default=None)
    told = night.rows(f"""
        select month_start_date, rejections.channel, {CAMPAIGN}, rejections.segment, rejection_reason, rejected, cost
        from alignment.rpt_rejections as rejections left join core.dim_campaigns using (campaign_key)
    """)
    assert {row[:5]: row[5] for row in told} == {key: count for key, (count, _) in really.items()}
    for *key, _, cost in told:
        expected = really[tuple(key)][1]
        assert (cost is None) is (expected is None)
        assert expected is None or abs(cost - expected) <= CENT
    assert sum(cost or 0 for *_, cost in told) == sum(cost or 0 for _, cost in really.values()) > 0
    told = night.rows(f"""
        select month_start_date, quality.channel, {CAMPAIGN}, top_rejection_reason
        from alignment.rpt_lead_quality as quality left join core.dim_campaigns using (campaign_key)
        where delivered > 0
    """)
    assert {row[:3]: row[3] for row in told} == top


def test_segments_share_the_cost_of_their_campaign_by_their_handoffs(
    night: Night, quality: dict[Lead, dict[str, Counter]], spent: dict[Lead, Decimal | None]
):
    told = night.rows(f"""
        select month_start_date, quality.channel, {CAMPAIGN}, segment, cost, cost_of_rejected
        from alignment.rpt_lead_quality_segments as quality left join core.dim_campaigns using (campaign_key)
        where delivered > 0 and not has_unconverted_spend
    """)
    assert told
    for *lead, segment, cost, cost_of_rejected in told:
        came_of = quality[tuple(lead)]
        whole = sum(came["delivered"] for came in came_of.values())
        for kind, amount in (("delivered", cost), ("rejected", cost_of_rejected)):
            parts = sorted((name, came[kind]) for name, came in came_of.items())
            assert abs(amount - shared(spent.get(tuple(lead), Decimal(0)), parts, whole)[segment]) <= CENT


def test_disagreements_are_every_rejection_every_unworked_lead_and_everybody_not_handed_over(
    night: Night, key_of: dict[str, str]
):
    end, agreement = end_of(night), read_terms()
    people = {person["person_id"]: person for person in night.world.truth["people"]}
    spells, deals, bought, really = defaultdict(list), defaultdict(list), defaultdict(list), {}
    for spell in night.world.truth["spells"]:
        spells[spell["person_id"]].append(spell)
    for deal in night.world.truth["won_deals"]:
        for person_id in deal["person_ids"][:1]:
            deals[person_id].append(deal)
        for person_id in deal["person_ids"] if deal["amount"] >= 0 else ():
            bought[person_id].append(deal["closed_at"])

    def disagree(kind: str, person_id: str, judged_at: datetime, disagreed_at: datetime, until: datetime) -> None:
        after = [spell for spell in spells[person_id] if spell["entered_at"] >= disagreed_at]
        ranks = [(RANKS[spell["stage"]], spell["stage"]) for spell in after if spell["stage"] in RANKS]
        won = [deal for deal in deals[person_id] if judged_at <= deal["closed_at"] < until]
        person = people[person_id]
        really[kind, key_of[person_id], None if kind in WITHOUT_HANDOFF else utc(judged_at)] = (
            person["original_channel"],
            person["segment"],
            utc(disagreed_at),
            max(ranks)[1] if ranks else None,
            len(won),
            sum((deal["amount_reporting"] or 0 for deal in won), Decimal(0)),
        )

    for handoff, until in with_next(night.world.truth["handoffs"], end):
        person_id, qualified_at = handoff["person_id"], handoff["qualified_at"]
        terms = valid_terms(agreement, qualified_at.date(), people[person_id]["segment"])
        due_at = terms.due(utc(qualified_at))
        given_up = [
            spell["entered_at"]
            for spell in spells[person_id]
            if spell["stage"] == "disqualified" and qualified_at <= spell["entered_at"] < until
        ]
        if handoff["decision"] == "rejected":
            disagree("rejected", person_id, qualified_at, handoff["decided_at"], until)
        elif given_up:
            disagree("rejected_after_acceptance", person_id, qualified_at, given_up[0], until)
        elif handoff["first_response_at"] is None and due_at < utc(end):
            disagree("never_worked", person_id, qualified_at, due_at.replace(tzinfo=UTC), until)
    for person_id, theirs in spells.items():
        taken_up = min((row["entered_at"] for row in theirs if RANKS.get(row["stage"], 0) >= 4), default=None)
        asked = min((row["entered_at"] for row in theirs if row["stage"] == "qualified"), default=None)
        if taken_up and (asked is None or asked > taken_up):
            bought_at, worked_at = min(bought[person_id], default=end), people[person_id]["first_worked_at"] or end
            kind = "bought_without_sales" if bought_at < worked_at else "not_handed_over"
            disagree(kind, person_id, taken_up, taken_up, asked or end)
    told = night.rows("""
        select disagreement, person_key, qualified_at, channel, segment, disagreed_at, furthest_stage_afterwards,
            won_deals, revenue
        from alignment.rpt_disagreements
    """)
    assert {row[:3]: row[3:] for row in told} == really
    kinds = {kind for kind, *_ in really}
    assert kinds == {"rejected", "rejected_after_acceptance", "never_worked", *WITHOUT_HANDOFF}
    assert any(deals for *_, deals, _ in really.values())


def test_every_step_from_qualified_leads_to_handoffs_is_told(night: Night) -> None:
    qualified = {
        row["person_id"]: row for row in night.world.truth["conversions"] if row["conversion_type"] == "qualified"
    }
    really, handed_over = Counter(), set()
    for row in sorted(night.world.truth["handoffs"], key=lambda row: row["qualified_at"]):
        cell, person = (month_of(row["qualified_at"]), row["original_channel"]), row["person_id"]
        really[*cell, "handoffs"] += 1
        if person in handed_over:
            really[*cell, "handed_over_again"] += 1
        elif row["qualified_at"] != qualified[person]["converted_at"]:
            really[*cell, "handed_over_late"] += 1
        handed_over.add(person)
    moments = {(row["person_id"], row["qualified_at"]) for row in night.world.truth["handoffs"]}
    for person, row in qualified.items():
        cell = month_of(row["converted_at"]), row["original_channel"]
        really[*cell, "qualified_leads"] += 1
        really[*cell, "not_handed_over"] -= (person, row["converted_at"]) not in moments
    told = night.rows("select month_start_date, channel, component, leads from alignment.rpt_handoff_bridge")
    assert {tuple(cell): leads for *cell, leads in told} == {cell: leads for cell, leads in really.items() if leads}
    assert {component for _, _, component, _ in told} == {component for _, _, component in really}
