"""People, their stages and conversions, as the warehouse tells them, against what really happened in the company."""

from collections import Counter
from decimal import Decimal

from tests.warehouse.truth import GONE, records_of, utc

CONVERSIONS = ("lead", "qualified", "opportunity", "customer")


def test_records_are_one_person_exactly_if_they_really_are(night, keys) -> None:
    really = {
        frozenset(records)
        for person in night.world.truth["people"]
        if (records := [record for record in records_of(person) if record in keys])
    }
    told: dict[str, set] = {}
    for record, key in keys.items():
        told.setdefault(key, set()).add(record)
    assert {frozenset(records) for records in told.values()} == really


def test_test_internal_and_junk_people_are_counted_as_excluded_and_nobody_else(night) -> None:
    really = Counter(
        person["exclusion_reason"]
        for person in night.world.truth["people"]
        if person["is_excluded"] and person["exclusion_reason"] not in GONE
    )
    told = night.rows("select exclusion_reason, count(*) from intermediate.int_people__excluded group by all")
    assert dict(told) == really
    assert really


def test_nobody_excluded_is_named_in_any_published_table(night) -> None:
    columns = night.rows("""
        select table_schema || '.' || table_name, column_name from information_schema.columns
        where table_schema in ('core', 'marketing', 'sales', 'alignment') and column_name like '%person_key'
    """)
    assert len({table for table, _ in columns}) >= 14
    excluded = "(select person_key from intermediate.int_people__excluded)"
    named = {
        (table, column): night.rows(f"select count(*) from {table} where {column} in {excluded}")[0][0]
        for table, column in columns
    }
    assert not {place: count for place, count in named.items() if count}


def test_everybody_else_is_published_with_creation_stage_and_origin(night, key_of) -> None:
    really = Counter(
        (
            key_of[person["person_id"]],
            utc(person["created_at"]),
            person["current_stage"],
            person["original_channel"],
            person["customer_at"] is not None,
        )
        for person in night.world.truth["people"]
        if not person["is_excluded"]
    )
    told = night.rows(
        "select person_key, created_at, current_stage, original_channel, is_customer from core.dim_people"
    )
    assert Counter(told) == really
    assert really


def test_everybody_has_a_name_address_and_number_of_their_own(night, key_of) -> None:
    records = {
        ("hubspot", contact.contact_id): (
            " ".join(filter(None, map(contact.properties.get, ("firstname", "lastname")))),
            contact.properties.get("email"),
            contact.properties.get("phone"),
        )
        for contact in night.world.contacts
    } | {("files", row["person_id"]): (row["full_name"], row["email"], None) for row in night.world.files["people"]}
    told = {
        key: said
        for key, *said in night.rows("select person_key, full_name, lower(trim(email)), phone from sales.dim_contacts")
    }
    people = [person for person in night.world.truth["people"] if not person["is_excluded"]]
    assert told.keys() == {key_of[person["person_id"]] for person in people}
    for person in people:
        theirs = [records[record] for record in records_of(person) if record in records]
        names, emails, phones = ({said.strip() for said in known if said} for known in zip(*theirs, strict=True))
        name, email, phone = told[key_of[person["person_id"]]]
        assert (name in names) if names else name is None
        assert (email in {said.lower() for said in emails}) if emails else email is None
        assert (phone in phones) if phones else phone is None


def test_every_company_of_the_crm_is_told_with_segment_country_and_industry(night) -> None:
    keys = dict(
        night.rows(
            "select source_company_id, company_key from intermediate.int_companies__resolved where source = 'hubspot'"
        )
    )
    really = {keys[row.company_id]: (row.segment, row.country, row.industry) for row in night.world.companies}
    told = night.rows("select company_key, segment, country, industry from core.dim_companies")
    assert {key: tuple(said) for key, *said in told if key in really} == really
    assert really


def test_every_stay_in_a_stage_is_told_as_it_happened(night, key_of) -> None:
    columns = ("stage", "entered_at", "exited_at", "previous_stage", "movement", "entry_number", "is_inferred")
    really = Counter(
        (
            key_of[spell["person_id"]],
            spell["stage"],
            utc(spell["entered_at"]),
            utc(spell["exited_at"]),
            *(spell[column] for column in columns[3:]),
        )
        for spell in night.world.truth["spells"]
    )
    told = Counter(night.rows(f"select person_key, {', '.join(columns)} from core.fct_lead_stages"))
    assert told == really


def channels(night) -> dict[str, str]:
    """The channel of everybody's first touch."""
    return {person["person_id"]: person["original_channel"] for person in night.world.truth["people"]}


def test_each_months_end_shows_who_stood_where_by_channel(night) -> None:
    channel_of = channels(night)
    ends = [day for (day,) in night.rows("select distinct last_day(date_day) from core.rpt_stage_daily")]
    really = Counter(
        (end, channel_of[spell["person_id"]], spell["stage"])
        for spell in night.world.truth["spells"]
        for end in ends
        if utc(spell["entered_at"]).date() <= end <= night.world.as_of
        and not (spell["exited_at"] and utc(spell["exited_at"]).date() <= end)
    )
    told = night.rows(
        "select date_day, channel, stage, people from core.rpt_stage_daily where date_day = last_day(date_day)"
    )
    assert {(day, channel, stage): people for day, channel, stage, people in told} == really
    assert really


def test_people_went_from_stage_to_stage_as_they_really_did_by_month_and_channel(night) -> None:
    channel_of, really, seconds, entered_before = channels(night), Counter(), Counter(), {}
    for spell in sorted(night.world.truth["spells"], key=lambda spell: spell["entered_at"]):
        person, entered_at = spell["person_id"], utc(spell["entered_at"]).replace(microsecond=0)
        move = (spell["previous_stage"], spell["stage"], channel_of[person], entered_at.date().replace(day=1))
        really[move] += 1
        seconds[move] += int((entered_at - entered_before.get(person, entered_at)).total_seconds())
        entered_before[person] = entered_at
    told = night.rows("""
        select from_stage, to_stage, channel, month_start_date, transitions, total_seconds
        from core.rpt_stage_transitions
    """)
    assert {tuple(move): count for *move, count, _ in told} == really
    assert {tuple(move): total for *move, _, total in told if total} == +seconds


def test_first_campaigns_are_the_real_ones(night, key_of) -> None:
    really = {
        key_of[person["person_id"]]: person["original_campaign"].strip().lower()
        for person in night.world.truth["people"]
        if not person["is_excluded"] and person["original_campaign"]
    }
    told = dict(
        night.rows(
            "select person_key, lower(trim(campaign_name)) from core.dim_people "
            "inner join core.dim_campaigns on original_campaign_key = campaign_key"
        )
    )
    assert {key: told.get(key) for key in really} == really


def test_every_conversion_happened_and_none_is_missing(night, key_of) -> None:
    really = Counter(
        (key_of[row["person_id"]], row["conversion_type"], utc(row["converted_at"]))
        for row in night.world.truth["conversions"]
    )
    told = night.rows(
        """
        select distinct person_key, conversion_type, converted_at, conversion_key
        from marketing.fct_attribution
        where conversion_type <> 'won_deal'
        """
    )
    assert Counter(tuple(conversion) for *conversion, _ in told) == really
    assert {conversion for _, conversion, _ in really} == set(CONVERSIONS)


def test_conversions_by_month_and_channel_are_the_real_ones(night) -> None:
    really = {
        (month["month"], month["channel"], conversion): month[conversion]
        for month in night.world.truth["channel_months"]
        for conversion in CONVERSIONS
        if month[conversion]
    }
    told = night.rows(
        """
        select
            cast(date_trunc('month', converted_at) as date), original_channel, conversion_type,
            count(distinct conversion_key)
        from marketing.fct_attribution
        inner join core.dim_people using (person_key)
        where attribution_model = 'linear' and conversion_type <> 'won_deal'
        group by all
        """
    )
    assert {(month, channel, conversion): count for month, channel, conversion, count in told} == really


def test_every_won_deal_is_worth_what_it_really_was(night) -> None:
    really = Counter(
        (deal["system"], deal["deal_id"], utc(deal["closed_at"]), deal["amount_reporting"])
        for deal in night.world.truth["won_deals"]
    )
    told = night.rows(
        """
        select deals.source, deals.source_deal_id, conversions.converted_at, conversions.conversion_value
        from intermediate.int_conversions__derived as conversions
        inner join intermediate.int_deals__unioned as deals using (deal_key)
        where conversions.conversion_type = 'won_deal'
        """
    )
    assert Counter(told) == really


def test_every_model_shares_out_all_conversions_and_all_revenue(night) -> None:
    truth = night.world.truth
    people = Counter(conversion["conversion_type"] for conversion in truth["conversions"])
    revenue = sum((deal["amount_reporting"] or Decimal(0) for deal in truth["won_deals"]), Decimal(0))
    models = [model for (model,) in night.rows("select attribution_model from seeds.attribution_models")]
    told = night.rows(
        "select attribution_model, conversion_type, sum(weight), "
        "sum(attributed_value) filter (where conversion_type = 'won_deal') from marketing.fct_attribution group by all"
    )
    assert {(model, conversion): (weight, value) for model, conversion, weight, value in told} == {
        **{(model, "won_deal"): (len(truth["won_deals"]), revenue) for model in models},
        **{(model, conversion): (count, None) for model in models for conversion, count in people.items()},
    }
    assert len(models) >= 9
    assert revenue
