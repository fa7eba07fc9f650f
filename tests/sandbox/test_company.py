"""The simulated company: the same world for the same inputs, and a later day only shows more of it."""

from datetime import UTC, date, datetime, time, timedelta

from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.files import write_files
from ingestion.sandbox.world import World

SCALE = 0.1


def test_every_list_of_the_company_has_something(world):
    empty = [name for name in World.__slots__ if isinstance(getattr(world, name), list) and not getattr(world, name)]
    empty += [name for name, rows in (world.files | world.truth).items() if not rows]
    assert not empty


def test_same_inputs_make_the_same_world_and_bytes(world, tmp_path):
    from ingestion.sandbox.company import _history

    _history.cache_clear()
    again = company(FIRST_NIGHT, scale=SCALE)
    assert again == world
    for folder, told in (("one", world), ("two", again)):
        write_files(told, tmp_path / folder)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_another_seed_makes_another_company(world):
    assert company(FIRST_NIGHT, seed=2, scale=SCALE).contacts != world.contacts


def test_a_later_day_only_adds_to_what_was_seen(world):
    later = company(FIRST_NIGHT + timedelta(days=1), scale=SCALE)
    now = {contact.contact_id: contact for contact in later.contacts}
    for contact in world.contacts:
        if contact.contact_id in now and now[contact.contact_id].merged_into == contact.merged_into:
            told = now[contact.contact_id].history
            assert set(contact.history) <= set(told)
    events = {(event.campaign_id, event.email, event.at) for event in later.mail_events}
    gone = {event.email for event in world.mail_events} - {event.email for event in later.mail_events}
    assert {
        (event.campaign_id, event.email, event.at) for event in world.mail_events if event.email not in gone
    } <= events
    settled = FIRST_NIGHT - timedelta(days=28)
    old_days = {day for day in world.ad_days if day.day <= settled}
    assert old_days <= set(later.ad_days)
    assert {day for day in world.ad_days if day.day > settled} - set(later.ad_days), "young days are restated"


def test_a_young_company_is_a_company(tmp_path):
    first_day = company(date(2025, 1, 1), scale=SCALE)
    write_files(first_day, tmp_path)
    assert first_day.ad_days


def test_ids_are_unique_and_references_hold(world):
    keys = {
        "people": ["person_id"],
        "stage_changes": ["person_id", "stage", "changed_at"],
        "touches": ["touch_id"],
        "deals": ["deal_id"],
        "deal_stage_changes": ["deal_id", "stage", "changed_at"],
        "deal_splits": ["deal_id", "owner_id"],
        "activities": ["activity_id"],
        "spend": ["spend_id"],
        "targets": ["target_id"],
        "owners": ["owner_id"],
        "owner_teams": ["owner_id", "valid_from"],
        "fx_rates": ["rate_date", "from_currency", "to_currency"],
        "web_events": ["event_id"],
        "subscriptions": ["subscription_id"],
        "subscription_changes": ["subscription_id", "changed_at"],
    }
    assert keys.keys() == world.files.keys()
    for name, key in keys.items():
        values = [tuple(row[column] for column in key) for row in world.files[name]]
        assert len(values) == len(set(values)), name
    contacts = {contact.contact_id for contact in world.contacts}
    deals = {deal.deal_id for deal in world.deals}
    for records in (world.contacts, world.deals, world.leads, world.companies):
        ids = [next(getattr(record, name) for name in record.__slots__ if name.endswith("_id")) for record in records]
        assert len(ids) == len(set(ids))
    assert {lead.contact_id for lead in world.leads} <= contacts
    assert {contact_id for deal in world.deals for contact_id in deal.contact_ids} <= contacts
    assert {contact_id for activity in world.activities for contact_id in activity.contact_ids} <= contacts
    assert {deal_id for activity in world.activities for deal_id in activity.deal_ids} <= deals
    people = {row["person_id"] for row in world.files["people"]}
    for name in ("stage_changes", "touches", "deals", "activities", "subscriptions"):
        assert {row["person_id"] for row in world.files[name]} <= people, name


def test_histories_are_real_changes_in_order_and_end_in_the_present(world):
    for record in [*world.contacts, *world.deals, *world.leads]:
        assert [change.at for change in record.history] == sorted(change.at for change in record.history)
        last = {}
        for change in record.history:
            assert last.get(change.name, "") != change.value
            last[change.name] = change.value
        told = {name: record.properties.get(name, "") for name in last}
        assert told == last
        assert record.updated_at >= max(change.at for change in record.history) if record.history else True


def test_nothing_is_told_before_it_happened(world):
    end = datetime.combine(world.as_of + timedelta(days=1), time(), UTC)
    for record in [*world.contacts, *world.deals, *world.leads, *world.activities]:
        assert record.created_at <= record.updated_at < end
    assert all(event.at < end for event in world.mail_events)
    assert all(day.day <= world.as_of for day in [*world.ad_days, *world.web_days, *world.social_days])
    scheduled = [a for a in world.activities if a.properties["hs_timestamp"] >= end.isoformat()]
    assert all("SCHEDULED" in activity.properties.values() for activity in scheduled)


def test_a_merged_record_was_created_when_the_first_of_them_was(world):
    contacts = {contact.contact_id: contact for contact in world.contacts}
    losers = [contact for contact in world.contacts if contact.merged_into]
    assert losers
    for loser in losers:
        survivor = contacts[loser.merged_into]
        while survivor.merged_into:
            survivor = contacts[survivor.merged_into]
        assert survivor.created_at <= loser.created_at
