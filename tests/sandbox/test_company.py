"""The simulated company: the same world for the same inputs, and a later day only shows more of it."""

from datetime import date, timedelta

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
