"""Every case of the design that needs data happens in the company, at the scale the tests use, by its number.

The numbers are those of the list of cases that warehouses of this kind get wrong; what the warehouse must make of each
is tested with the models.
"""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.simulation.market import OWN_DOMAIN
from ingestion.sandbox.world import Contact, Deal, World

SCALE = 0.1


def _values(record: Contact | Deal, name: str) -> list[str]:
    return [change.value for change in record.history if change.name == name]


def _people(world: World) -> dict[str, dict]:
    return {record_id: person for person in world.truth["people"] for record_id in person["hubspot_ids"]}


def _spells(world: World) -> dict[str, list[dict]]:
    spells = defaultdict(list)
    for spell in world.truth["spells"]:
        spells[spell["person_id"]].append(spell)
    return spells


def test_case_1_an_open_deal_of_100000_with_a_probability_below_one(world):
    deals = [deal.properties for deal in world.deals if deal.properties["amount"] == "100000.00"]
    assert deals
    assert all(0 < float(deal["hs_deal_stage_probability"]) < 1 for deal in deals)


def test_case_2_a_deal_created_on_the_1st_and_closed_on_the_31st(world):
    days = {
        (deal.created_at.date(), deal.properties["closedate"][:10])
        for deal in world.deals
        if deal.properties["dealstage"] == "closedwon"
    }
    assert (date(2026, 1, 1), "2026-01-31") in days


def test_case_3_an_open_deal_unchanged_over_three_nights(world):
    later = {deal.deal_id: deal for deal in company(FIRST_NIGHT + timedelta(days=2), scale=SCALE).deals}
    unchanged = [
        deal for deal in world.deals if deal.properties["hs_is_closed"] == "false" and later[deal.deal_id] == deal
    ]
    assert unchanged


def test_case_6_a_person_enters_a_stage_twice(world):
    again = [spell for spell in world.truth["spells"] if spell["stage"] == "qualified" and spell["entry_number"] == 2]
    assert again


def test_case_7_a_deal_is_updated_between_two_nights(world, next_world):
    before = {deal.deal_id: deal for deal in world.deals}
    changed = [deal for deal in next_world.deals if deal.deal_id in before and deal != before[deal.deal_id]]
    assert any(deal.properties["amount"] != before[deal.deal_id].properties["amount"] for deal in changed)


def test_case_8_a_won_deal_whose_currency_has_no_rate_then(world):
    missing = [deal for deal in world.truth["won_deals"] if deal["amount_reporting"] is None]
    assert [deal["currency"] for deal in missing] == ["BRL"]
    closed_on = missing[0]["closed_at"].date()
    told = [row["rate_date"] for row in world.files["fx_rates"] if "BRL" in (row["from_currency"], row["to_currency"])]
    assert not [day for day in told if closed_on - timedelta(days=7) <= day <= closed_on]
    assert min(told) < closed_on < max(told)


def test_case_9_two_people_have_one_name(world):
    people, emails = _people(world), defaultdict(set)
    for contact in world.contacts:
        name = contact.properties["firstname"], contact.properties["lastname"]
        emails[name].add((people[contact.contact_id]["person_id"], contact.properties["email"]))
    assert len(emails["Anna", "Müller"]) == 2


def test_case_10_rates_skip_weekends_and_one_currency_is_told_only_from_dollars(world):
    days = {row["rate_date"].weekday() for row in world.files["fx_rates"]}
    assert days == {0, 1, 2, 3, 4}
    assert ("USD", "BRL") in {(row["from_currency"], row["to_currency"]) for row in world.files["fx_rates"]}
    assert "BRL" in {
        deal["currency"] for deal in world.truth["won_deals"] if deal["amount_reporting"] and deal["amount"] > 0
    }


def test_cases_11_and_19_money_comes_in_several_currencies(world):
    assert {"USD", "EUR", "GBP"} <= {deal.properties["deal_currency_code"] for deal in world.deals}
    assert {"USD", "EUR", "GBP"} <= {account.currency for account in world.accounts}
    assert {"USD", "EUR", "GBP"} <= {row["currency"] for row in world.files["spend"]}


def test_case_12_leads_come_long_after_the_spend_that_brought_them(world):
    last_day = defaultdict(lambda: date.min)
    names = {campaign.campaign_id: campaign.name for campaign in world.campaigns}
    for day in world.ad_days:
        last_day[names[day.campaign_id]] = max(last_day[names[day.campaign_id]], day.day)
    assert any(
        person["customer_at"].date() > last_day[person["original_campaign"]] + timedelta(days=180)
        for person in world.truth["people"]
        if person["customer_at"] and person["original_campaign"] in last_day
    )


def test_case_13_two_campaigns_cost_the_same_in_the_same_days(world):
    costs = Counter((row["channel"], row["start_date"], row["amount"]) for row in world.files["spend"])
    assert any(count == 2 and amount == Decimal("500.00") for (_, _, amount), count in costs.items())


def test_case_14_a_channel_spends_and_brings_nobody(world):
    barren = {campaign.campaign_id for campaign in world.campaigns if campaign.channel == "paid_video"}
    assert sum(day.spend for day in world.ad_days if day.campaign_id in barren) > 0
    assert "paid_video" not in {person["original_channel"] for person in world.truth["people"]}


def test_case_15_people_convert_without_any_touch(world):
    untouched = [row for row in world.truth["conversions"] if row["original_channel"] == "unattributed"]
    assert {row["conversion_type"] for row in untouched} == {"lead", "qualified", "opportunity", "customer"}
    assert [deal for deal in world.truth["won_deals"] if not deal["person_ids"]]
    assert [deal for deal in world.truth["won_deals"] if len(deal["person_ids"]) == 3]


def test_case_16_paths_of_one_two_three_and_more_touches(world):
    touches = Counter()
    for contact in world.contacts:
        touches[len(_values(contact, "hs_latest_source_timestamp"))] += 1
    assert all(touches[count] for count in (0, 1, 2, 3, 4))


def test_case_21_handoffs_with_only_automated_or_deleted_activities(world):
    unanswered = {row["person_id"] for row in world.truth["handoffs"] if row["first_response_at"] is None}
    people = _people(world)
    kinds = {
        (activity.properties["hs_object_source"] == "AUTOMATION_PLATFORM", activity.archived_at is not None)
        for activity in world.activities
        for contact_id in activity.contact_ids
        if people[contact_id]["person_id"] in unanswered
    }
    assert {(True, False), (False, True)} <= kinds


def test_case_22_a_late_event_falls_between_spells_told_before(world, next_world):
    before, after = _spells(world), _spells(next_world)
    late = [
        person
        for person, spells in before.items()
        if len(after[person]) > len(spells)
        and any(
            spell["entered_at"] < spells[-1]["entered_at"]
            for spell in after[person]
            if (spell["stage"], spell["entered_at"]) not in {(old["stage"], old["entered_at"]) for old in spells}
        )
    ]
    assert late


def test_case_23_a_lead_is_won_on_a_campaign_older_than_a_year(world):
    campaigns = {campaign.name: campaign for campaign in world.campaigns}
    won = [
        person
        for person in world.truth["people"]
        if person["customer_at"]
        and person["original_campaign"] in campaigns
        and person["customer_at"] - person["first_touch_at"] > timedelta(days=365)
    ]
    assert {campaigns[person["original_campaign"]].status for person in won} >= {"REMOVED"}


def test_case_24_a_deal_is_closed_on_the_last_evening_of_march_in_los_angeles(world):
    closed = {deal.properties["closedate"] for deal in world.deals if deal.properties["dealstage"] == "closedwon"}
    assert "2026-04-01T01:00:00.000Z" in closed


def test_case_25_records_get_their_first_stage_after_their_creation(world):
    inferred = [spell for spell in world.truth["spells"] if spell["is_inferred"]]
    assert any(spell["exited_at"] for spell in inferred)
    assert any(spell["exited_at"] is None for spell in inferred)
    assert any(not _values(contact, "lifecyclestage") for contact in world.contacts)


def test_case_26_merges_merges_of_merges_and_deletions(world, next_world):
    into = {contact.contact_id: contact.merged_into for contact in world.contacts if contact.merged_into}
    chained = [loser for loser, winner in into.items() if winner in into]
    assert chained
    survivor = into[into[chained[0]]]
    assert survivor in {contact_id for deal in world.deals for contact_id in deal.contact_ids}
    known = {contact.contact_id for contact in world.contacts}
    newly_merged = [
        contact for contact in next_world.contacts if contact.merged_into and contact.contact_id not in into
    ]
    assert [contact for contact in newly_merged if contact.contact_id in known]
    people = _people(world)
    deleted = {contact.contact_id for contact in world.contacts if contact.archived_at}
    closed = [people[contact_id]["person_id"] for contact_id in deleted]
    assert all(spells[-1]["exited_at"] for person, spells in _spells(world).items() if person in closed)
    assert any(contact_id in deleted for deal in world.deals for contact_id in deal.contact_ids)
    assert known - {contact.contact_id for contact in next_world.contacts} == set()
    purged_on = date(2026, 7, 2)
    assert known - {contact.contact_id for contact in company(purged_on, scale=SCALE).contacts}


def test_case_27_young_ad_days_are_restated_and_some_are_withdrawn(world, next_world):
    def by_day(told: World) -> dict:
        return {(day.campaign_id, day.day): day for day in told.ad_days}

    before, after = by_day(world), by_day(next_world)
    assert before.keys() - after.keys()
    assert any(after[key] != before[key] for key in before.keys() & after.keys())


def test_case_28_machines_open_mails_that_nobody_read(world):
    machine = [event for event in world.mail_events if event.is_machine]
    assert machine
    assert all(event.ip.startswith("17.") for event in machine)
    readers = {(event.campaign_id, event.email) for event in world.mail_events if not event.is_machine}
    assert [event for event in machine if (event.campaign_id, event.email) not in readers]


def test_case_29_reach_is_told_by_day_and_platform(world):
    assert {day.platform for day in world.ad_days if day.reach} == {"google_ads", "meta_ads"}
    assert any(day.reach for day in world.social_days)


def test_case_30_test_internal_and_junk_records_exist(world):
    assert {person["exclusion_reason"] for person in world.truth["people"]} >= {"test", "internal", "junk", None}
    assert any(contact.properties.get("is_test") == "true" for contact in world.contacts)
    assert any(contact.properties["email"].endswith(f"@{OWN_DOMAIN}") for contact in world.contacts)
    excluded = {person["person_id"] for person in world.truth["people"] if person["is_excluded"]}
    assert not excluded & {spell["person_id"] for spell in world.truth["spells"]}
    assert any(person["qualified_at"] for person in world.truth["people"] if person["exclusion_reason"] == "test")


def test_case_31_platforms_claim_more_than_happened(world):
    claimed = sum(day.conversions for day in world.ad_days)
    paid = {"paid_search", "paid_social", "paid_shopping", "paid_video", "display", "cross_network"}
    leads = [
        row
        for row in world.truth["conversions"]
        if row["conversion_type"] == "lead" and row["original_channel"] in paid
    ]
    assert claimed > 1.5 * len(leads)


def test_case_32_the_next_day_shows_what_was_told_late(world, next_world):
    end = datetime(2026, 7, 1, tzinfo=UTC)
    known = {row["touch_id"] for row in world.files["touches"]}
    late = [row for row in next_world.files["touches"] if row["touched_at"] < end and row["touch_id"] not in known]
    assert late


def test_case_33_offline_invoices_do_not_divide_by_their_days(world):
    rows = world.files["spend"]
    assert {"tv", "print", "outdoor", "sponsorship", "seminar", "radio"} <= {row["channel"] for row in rows}
    assert any(
        (row["amount"] * 100) % ((row["end_date"] - row["start_date"]).days + 1)
        for row in rows
        if row["end_date"] <= world.as_of
    )
    assert any(row["end_date"] > world.as_of for row in rows), "one that is still running"


def test_case_33_a_flight_is_credited_one_has_no_rate_and_one_no_known_channel(world):
    rows = {row["spend_id"]: row for row in world.files["spend"]}
    credit = rows["flight-credit"]
    assert credit["amount"] < 0
    assert credit["campaign"] in {row["campaign"] for row in rows.values() if row["amount"] > 0}
    rates = {
        row["rate_date"]: (row["from_currency"], row["to_currency"])
        for row in world.files["fx_rates"]
        if "BRL" in (row["from_currency"], row["to_currency"])
    }
    rio = rows["flight-rio"]
    days = [rio["start_date"] + timedelta(days=day) for day in range((rio["end_date"] - rio["start_date"]).days + 1)]
    assert {rates[day] for day in days if day in rates} == {("USD", "BRL")}, "known, but only the other way round"
    assert [day for day in days if not any(day - timedelta(days=age) in rates for age in range(8))]
    told = {row["channel"] for row in rows.values()}
    assert told - {row["account_id"] for row in world.truth["spend_months"]} == {"skywriting"}


def test_case_34_quotas_change_within_a_quarter_and_reps_come_and_go(world):
    quotas = [row for row in world.files["targets"] if row["metric"] == "bookings"]
    versions = Counter((row["owner_id"], row["period_start"]) for row in quotas)
    assert max(versions.values()) == 2
    assert any(row["valid_from"] > row["period_start"] for row in quotas)
    assert any(owner.left_date for owner in world.owners)
    assert {row["ramp"] for row in quotas if row["owner_id"] == "81008"} == {"standard"}
    assert any(row["valid_from"].day != 1 for row in world.files["owner_teams"]), "a new territory within a quarter"
    owners = Counter(row["deal_id"] for row in world.files["deal_splits"])
    assert set(owners.values()) == {1, 2}, "deals shared with the owner, and by others alone"
    assert any(row["owner_id"] is None and row["team"] for row in quotas)
    assert {row["currency"] for row in quotas} == {"USD", "EUR"}


def test_budgets_are_set_for_the_company_its_channels_and_a_team(world):
    budgets = [row for row in world.files["targets"] if row["metric"] == "spend"]
    assert {row["team"] for row in budgets} == {None, "paid_search", "paid_social", "Brand"}
    assert {row["currency"] for row in budgets} == {"USD", "EUR"}


def test_case_35_handoffs_answered_in_time_late_never_and_not_yet(world):
    waited = [
        row["first_response_at"] - row["qualified_at"] for row in world.truth["handoffs"] if row["first_response_at"]
    ]
    assert min(waited) < timedelta(hours=8)
    assert max(waited) > timedelta(days=7)
    never = [row for row in world.truth["handoffs"] if row["first_response_at"] is None]
    assert any(row["qualified_at"].date() == world.as_of for row in never)
    assert any(world.as_of - row["qualified_at"].date() > timedelta(days=30) for row in never)
    assert {"accepted", "rejected", "open"} == {row["decision"] for row in world.truth["handoffs"]}
    assert any(row["qualified_at"].date() == date(2025, 12, 24) for row in world.truth["handoffs"])


def test_somebody_is_handed_over_twice_in_one_month(world):
    months = Counter((row["person_id"], f"{row['qualified_at']:%Y-%m}") for row in world.truth["handoffs"])
    assert max(months.values()) == 2


def test_case_36_one_person_in_two_systems_by_other_spellings_of_an_address(world):
    contacts = {contact.contact_id: contact.properties["email"] for contact in world.contacts}
    files = {row["person_id"]: row["email"] for row in world.files["people"]}
    spelled = [
        (contacts[person["hubspot_ids"][0]], files[person["files_ids"][0]])
        for person in world.truth["people"]
        if person["hubspot_ids"] and person["files_ids"] and person["hubspot_ids"][0] in contacts
    ]
    assert any(crm != file and crm.lower() == file.lower() for crm, file in spelled)
    assert any("+" in file and "." in crm.partition("@")[0] and "+" not in crm for crm, file in spelled)


def test_an_address_and_a_device_are_shared_by_several_people(world):
    people = {record_id: person["person_id"] for person in world.truth["people"] for record_id in person["files_ids"]}
    office = {people[row["person_id"]] for row in world.files["people"] if row["email"].lower().startswith("info@")}
    kiosk = [row["person_id"] for row in world.files["web_events"] if row["visitor_id"] == "v-kiosk"]
    assert len(office) == 3
    assert len({people[person] for person in kiosk if person}) == 5
    assert None in kiosk, "somebody whom nobody knows"


def test_text_is_international(world):
    names = " ".join(contact.properties["lastname"] for contact in world.contacts)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in names)
    assert any("\u0590" <= letter <= "\u06ff" for letter in names)
    assert any(letter in "éãüöß" for letter in names)
    told = " ".join([*(mailing.subject for mailing in world.mailings), *(post.message for post in world.posts)])
    assert "🚀" in told
    assert "\n" in told
    assert '"' in told


def test_reopened_recurring_negative_and_deleted_deals_occur(world):
    stages = [_values(deal, "dealstage") for deal in world.deals]
    assert any("closedlost" in told[:-1] and told[-1] == "closedwon" for told in stages)
    assert any(deal["amount"] < 0 for deal in world.truth["won_deals"])
    assert any(deal.archived_at for deal in world.deals)
    assert any(deal.properties["pipeline"] == "ecommerce" for deal in world.deals)
    assert {"new", "expansion", "recurring"} == {deal["deal_type"] for deal in world.truth["won_deals"]}
    movements = {spell["movement"] for spell in world.truth["spells"]}
    assert movements == {"initial", "forward", "skip", "backward", "exit", "recycled"}
    assert {"churned", "repeat_customer", "unmapped"} <= {spell["stage"] for spell in world.truth["spells"]}


def test_two_stages_are_entered_in_the_same_millisecond(world):
    ties = [
        contact
        for contact in world.contacts
        if max(Counter(change.at for change in contact.history if change.name == "lifecyclestage").values(), default=0)
        > 1
    ]
    assert ties


def test_a_chain_of_three_referrals_of_whom_each_bought(world):
    people = {person["person_id"]: person for person in world.truth["people"]}
    buyers = {person for deal in world.truth["won_deals"] for person in deal["person_ids"]}

    def above(person: str) -> int:
        referrer = people[person]["referred_by"]
        return 1 + above(referrer) if referrer in buyers else 0

    assert max(above(person) for person in buyers) == 3


def test_an_activity_without_a_time_is_the_only_answer_to_a_handoff(world):
    undated = [row["person_id"] for row in world.files["activities"] if row["occurred_at"] is None]
    assert undated
    people = {record_id: person["person_id"] for person in world.truth["people"] for record_id in person["files_ids"]}
    answers = {row["person_id"]: row["first_response_at"] for row in world.truth["handoffs"]}
    assert [answers[people[record_id]] for record_id in undated] == [None]


def test_a_test_record_has_all_that_a_customer_has(world):
    excluded = [person for person in world.truth["people"] if person["exclusion_reason"] == "test"]
    contacts = {contact_id for person in excluded for contact_id in person["hubspot_ids"]}
    files = {record_id for person in excluded for record_id in person["files_ids"]}
    deals = [deal for deal in world.deals if contacts & set(deal.contact_ids)]
    assert {deal.properties["dealstage"] for deal in deals} >= {"closedwon", "closedlost", "presentationscheduled"}
    assert not {deal.deal_id for deal in deals} & {deal["deal_id"] for deal in world.truth["won_deals"]}
    assert [activity for activity in world.activities if contacts & set(activity.contact_ids)]
    assert [lead for lead in world.leads if lead.contact_id in contacts]
    assert [row for row in world.files["subscriptions"] if row["person_id"] in files]
    emails = {contact.properties["email"] for contact in world.contacts if contact.contact_id in contacts}
    assert emails & {member.email for member in world.members}
    assert any(person["referred_by"] and person["first_touch_at"] and person["customer_at"] for person in excluded)
    recommended_by = {person["referred_by"] for person in world.truth["people"] if not person["is_excluded"]}
    assert recommended_by & {person["person_id"] for person in excluded}
