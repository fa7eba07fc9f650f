"""The truth keeps its own rules, and its totals agree with each other."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from ingestion.sandbox import truth
from ingestion.sandbox.__main__ import write_truth
from ingestion.sandbox.simulation.facts import CRM, Facts, Plan, Record, Sale, StageChange
from ingestion.sandbox.truth.people import same_address
from ingestion.sandbox.world import World

BORN = datetime.fromisoformat("2026-01-01T09:00:00+00:00")


def _day(number: int) -> datetime:
    return BORN + timedelta(days=number)


def _record(record_id: str = "1", email: str = "a@b.example", stages: dict[int, str] | None = None, **told) -> Record:
    changes = [StageChange(stage, _day(day)) for day, stage in (stages or {}).items()]
    return Record(CRM, record_id, BORN, BORN, email, "Ann", "Lee", "", "", "", None, stages=changes, **told)


def _sale(deal_id: str, record_ids: list[str], steps: dict[int, str]) -> Sale:
    moments = [(_day(day), step) for day, step in steps.items()]
    return Sale(CRM, deal_id, record_ids, "", "USD", "", "newbusiness", moments, [(moments[0][0], Decimal(100))], [])


def _stages(*records: Record, sales: list[Sale] | None = None, plans: list[Plan] | None = None) -> list[tuple]:
    facts = Facts(records=list(records), sales=sales or [], plans=plans or [])
    told = truth.tell(facts, [], [], BORN.date() + timedelta(days=400))
    return [(spell["stage"], (spell["entered_at"] - BORN).days, spell["movement"]) for spell in told["spells"]]


def test_time_before_the_first_recorded_change_is_cold():
    assert _stages(_record(stages={3: "qualified"})) == [("cold", 0, "initial"), ("qualified", 3, "skip")]


def test_a_change_at_creation_leaves_no_gap():
    assert _stages(_record(stages={0: "warm"})) == [("warm", 0, "initial")]


def test_equal_moments_are_ordered_by_rank_and_equal_stages_are_one_spell():
    record = _record(stages={0: "qualified"})
    record.stages += [StageChange("warm", _day(0)), StageChange("qualified", _day(5))]
    assert _stages(record) == [("warm", 0, "initial"), ("qualified", 0, "forward")]


def test_a_deal_moves_people_forward_only():
    sale = _sale("d", ["1"], {1: "presentationscheduled", 2: "qualifiedtobuy", 3: "contractsent"})
    assert _stages(_record(stages={0: "accepted"}), sales=[sale]) == [
        ("accepted", 0, "initial"),
        ("proposal", 1, "forward"),
        ("negotiation", 3, "forward"),
    ]


def test_after_the_first_won_deal_only_another_one_moves():
    sales = [
        _sale("first", ["1"], {1: "appointmentscheduled", 2: "closedwon"}),
        _sale("lost", ["1"], {3: "presentationscheduled", 4: "closedlost"}),
        _sale("second", ["1"], {5: "appointmentscheduled", 6: "closedwon"}),
    ]
    assert _stages(_record(stages={0: "accepted", 2: "customer"}), sales=sales) == [
        ("accepted", 0, "initial"),
        ("customer", 2, "skip"),
        ("repeat_customer", 6, "forward"),
    ]


def test_a_lost_deal_exits_only_who_has_no_other_deal_open():
    both = [
        _sale("lost", ["1"], {1: "appointmentscheduled", 4: "closedlost"}),
        _sale("open", ["1"], {2: "appointmentscheduled", 9: "closedlost"}),
    ]
    assert _stages(_record(stages={0: "accepted"}), sales=both) == [("accepted", 0, "initial"), ("lost", 9, "exit")]


def test_a_customer_whose_last_subscription_ended_is_churned_and_can_come_back():
    plans = [
        Plan("p", "1", None, "team", "USD", _day(2), [(_day(2), Decimal(9))], _day(50)),
        Plan("q", "1", None, "team", "USD", _day(2), [(_day(2), Decimal(9))], _day(40)),
    ]
    sales = [_sale("first", ["1"], {1: "closedwon"}), _sale("second", ["1"], {80: "closedwon"})]
    assert _stages(_record(stages={0: "warm"}), sales=sales, plans=plans) == [
        ("warm", 0, "initial"),
        ("customer", 1, "skip"),
        ("churned", 50, "exit"),
        ("repeat_customer", 80, "recycled"),
    ]


def test_merged_records_and_equal_addresses_are_one_person():
    loser = _record("2", "x@y.example", {1: "qualified"}, merged_at=_day(9), merged_into="1")
    same = _record("3", " A+news@B.example")
    facts = Facts(records=[_record("1", stages={0: "warm"}), loser, same])
    told = truth.tell(facts, [], [], BORN.date())
    assert [person["hubspot_ids"] for person in told["people"]] == [["1", "2", "3"]]
    assert [spell["stage"] for spell in told["spells"]] == ["warm", "qualified"]


def test_dots_matter_everywhere_but_at_gmail():
    assert same_address("Jane.Doe+x@GoogleMail.com") == same_address("janedoe@gmail.com")
    assert same_address("jane.doe@b.example") != same_address("janedoe@b.example")


def test_spells_follow_each_other_without_gap_or_overlap(world: World):
    by_person = defaultdict(list)
    for spell in world.truth["spells"]:
        by_person[spell["person_id"]].append(spell)
    for spells in by_person.values():
        assert [spell["exited_at"] for spell in spells[:-1]] == [spell["entered_at"] for spell in spells[1:]]
        assert all(left["stage"] != right["stage"] for left, right in pairwise(spells))
        assert spells[0]["movement"] == "initial"


def test_every_counted_person_has_one_current_stage(world: World):
    people = {person["person_id"]: person for person in world.truth["people"] if not person["is_excluded"]}
    last = {spell["person_id"]: spell["stage"] for spell in world.truth["spells"]}
    assert {person_id: person["current_stage"] for person_id, person in people.items()} == last
    assert len(people) == sum(not person["is_excluded"] for person in world.truth["people"])


def test_nobody_who_is_still_cold_has_engaged(world: World):
    """Whether an engagement rule warms people up or the CRM says so makes no difference: both happen at once."""
    cold = {
        spell["person_id"]: spell["exited_at"]
        for spell in world.truth["spells"]
        if spell["stage"] in ("cold", "unmapped")
    }
    for person in world.truth["people"]:
        engaged_at, left_at = person["first_engaged_at"], cold.get(person["person_id"])
        if engaged_at and person["person_id"] in cold:
            assert left_at is not None, person
            assert left_at <= engaged_at, person


def test_conversions_come_in_order_and_months_sum_to_them(world: World):
    people = [person for person in world.truth["people"] if not person["is_excluded"]]
    for person in people:
        moments = [person[name] for name in ("lead_at", "qualified_at", "opportunity_at", "customer_at")]
        known = [moment for moment in moments if moment]
        assert moments[: len(known)] == known == sorted(known)
    months = world.truth["channel_months"]
    for conversion, column in (("lead", "lead_at"), ("qualified", "qualified_at"), ("customer", "customer_at")):
        assert sum(row[conversion] for row in months) == sum(person[column] is not None for person in people)
    revenue = sum(deal["amount_reporting"] or 0 for deal in world.truth["won_deals"])
    assert sum(row["revenue"] for row in months) == revenue > 0


def test_nobody_is_in_two_sessions_at_once(world: World):
    for contact in world.contacts:
        sessions = [change.at for change in contact.history if change.name == "hs_latest_source_timestamp"]
        assert len(sessions) == len(set(sessions))
        sources = Counter(change.at for change in contact.history if change.name == "hs_latest_source")
        assert max(sources.values(), default=1) == 1


def test_handoffs_are_the_entries_into_qualified(world: World):
    entries = [
        (spell["person_id"], spell["entered_at"]) for spell in world.truth["spells"] if spell["stage"] == "qualified"
    ]
    handoffs = [(row["person_id"], row["qualified_at"]) for row in world.truth["handoffs"]]
    assert sorted(handoffs) == sorted(entries)
    for row in world.truth["handoffs"]:
        assert row["first_response_at"] is None or row["first_response_at"] >= row["qualified_at"]
        assert row["decided_at"] is None or row["first_response_at"] <= row["decided_at"]


def test_won_deals_are_the_ones_that_vendors_and_files_show(world: World):
    unreal = {
        contact_id
        for person in world.truth["people"]
        if person["exclusion_reason"] in ("test", "internal", "junk")
        for contact_id in person["hubspot_ids"]
    }
    shown = {
        deal.deal_id
        for deal in world.deals
        if deal.properties["dealstage"] == "closedwon" and not (deal.contact_ids and unreal >= set(deal.contact_ids))
    }
    shown |= {row["deal_id"] for row in world.files["deals"] if row["is_won"]}
    assert {deal["deal_id"] for deal in world.truth["won_deals"]} == shown


def test_spend_is_what_the_platforms_bill(world: World):
    online = sum(row["spend"] for row in world.truth["spend_months"] if row["platform"] != "offline")
    assert online == sum(day.spend for day in world.ad_days)
    ended = [row for row in world.files["spend"] if row["end_date"] <= world.as_of]
    running = [row for row in world.files["spend"] if row["end_date"] > world.as_of]
    offline = sum(row["spend"] for row in world.truth["spend_months"] if row["platform"] == "offline")
    assert sum(row["amount"] for row in ended) < offline < sum(row["amount"] for row in ended + running)


def test_the_next_day_keeps_what_was_true(world: World, next_world: World):
    """A closed spell stays as it was, but for people whose records were merged, deleted or told late."""
    after = {
        (row["person_id"], row["stage"], row["entered_at"], row["exited_at"]) for row in next_world.truth["spells"]
    }
    closed = {
        (row["person_id"], row["stage"], row["entered_at"], row["exited_at"])
        for row in world.truth["spells"]
        if row["exited_at"]
    }
    assert len(closed - after) <= 3
    known = {deal["deal_id"] for deal in world.truth["won_deals"]}
    assert known <= {deal["deal_id"] for deal in next_world.truth["won_deals"]}


def test_truth_is_exported_table_by_table(world: World, tmp_path):
    written = write_truth(world, tmp_path)
    assert {path.stem for path in written} == set(world.truth)
