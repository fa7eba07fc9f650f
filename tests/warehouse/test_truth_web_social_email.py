"""Visits, posts and mailings, as the marts tell them, against what the sandbox company's platforms counted."""

from collections import defaultdict
from datetime import UTC

from ingestion.sandbox.simulation.media import CHANNEL_GROUPS
from ingestion.sandbox.truth.people import same_address
from tests.warehouse.conftest import Night

CHANNEL_OF = {group: channel for channel, group in CHANNEL_GROUPS.items()}


def test_visits_of_every_day_and_channel_are_those_the_web_property_counted(night: Night):
    truth = defaultdict(lambda: [0] * 4)
    for day in night.world.web_days:
        counted = day.sessions, day.engaged_sessions, day.new_users, day.key_events
        cell = truth[day.day, CHANNEL_OF[day.channel_group]]
        cell[:] = [sum(pair) for pair in zip(cell, counted, strict=True)]
    told = night.rows("""
        select activity_date, channel, sessions, engaged_sessions, new_users, key_events from marketing.fct_web_daily
    """)
    assert {row[:2]: list(row[2:]) for row in told} == truth


def test_human_and_machine_opens_equal_the_truth_of_every_mailing(night: Night):
    kinds = ["human_opens", "machine_opens", "clicks", "bounces", "unsubscribes"]
    truth = {row["campaign_id"]: tuple(row[kind] for kind in kinds) for row in night.world.truth["email_mailings"]}
    found = night.rows(f"""
        select campaigns.campaign_id, {", ".join(f"sum({kind})" for kind in kinds)}
        from marketing.fct_email_daily as days
        inner join core.dim_campaigns as campaigns using (campaign_key)
        group by campaigns.campaign_id
    """)
    assert {campaign: tuple(counts) for campaign, *counts in found} == truth


def test_each_list_has_the_subscribers_it_had_on_each_day(night: Night):
    found = night.rows("select list_id, activity_date, subscribers, joined from marketing.rpt_email_lists_daily")
    assert found
    for list_id, day, subscribers, joined in found:
        members = [member for member in night.world.members if member.list_id == list_id]
        assert joined == sum(member.joined_at.date() == day for member in members)
        assert subscribers == sum(
            member.joined_at.date() <= day and (member.status == "subscribed" or member.changed_at.date() > day)
            for member in members
        )
    assert max(day for _, day, *_ in found) == night.world.as_of


def test_consents_are_the_last_words_of_those_whom_we_know(night: Night):
    """A word of theirs holds, by whichever address or record, until they sign up again; a bounce is no word."""
    resolved = night.rows("select source || ':' || source_person_id, person_key from intermediate.int_people__resolved")
    keys = dict(resolved)
    opted_out = {keys[row["person_id"]]: row["opted_out_at"] for row in night.world.truth["email_opt_outs"]}
    addresses = {
        same_address(email): key
        for key, email in night.rows("""
        select bound.person_key, bound.normalised_email
        from intermediate.int_identities__bound as bound
        inner join core.dim_people as people using (person_key)
    """)
    }
    memberships = defaultdict(list)
    for member in night.world.members:
        if key := addresses.get(same_address(member.email)):
            memberships[key, member.list_id].append(member)

    truth = {(key, "all"): ("unsubscribed" if at else "subscribed", at) for key, at in opted_out.items()}
    for (key, list_id), members in memberships.items():
        words = [member.changed_at for member in members if member.status == "unsubscribed"] + [opted_out.get(key)]
        words = [at for at in words if at and at >= max(member.joined_at for member in members)]
        is_reached = any(member.status == "subscribed" for member in members)
        status = "unsubscribed" if words else "subscribed" if is_reached else "undeliverable"
        truth[key, list_id] = (status, min(words, default=None))
    assert {"subscribed", "unsubscribed", "undeliverable"} == {status for status, _ in truth.values()}
    assert any(opted_out.get(key) and opted_out[key] == truth[key, list_id][1] for key, list_id in memberships)

    found = night.rows("select person_key, list_id, status, withdrawn_at from marketing.fct_email_consents")
    assert {(key, list_id): (status, at) for key, list_id, status, at in found} == {
        consent: (status, at and at.astimezone(UTC).replace(tzinfo=None)) for consent, (status, at) in truth.items()
    }


def test_days_of_pages_tell_what_the_networks_tell(night: Night):
    truth = {
        (day.platform, day.day): (
            day.views,
            day.reach,
            day.engagements,
            day.new_followers,
            day.followers if day.platform == "facebook" else None,  # Instagram tells no total
        )
        for day in night.world.social_days
        if day.views is not None
    }
    told = night.rows("""
        select platform, activity_date, views, reach, engagements, new_followers, followers
        from marketing.fct_social_daily
        where views is not null
    """)
    assert {row[:2]: row[2:] for row in told} == truth


def test_posts_tell_what_the_networks_tell(night: Night):
    truth = {
        (post.platform, post.post_id): (post.views, post.reach, post.likes, post.comments, post.shares)
        for post in night.world.posts
    }
    found = night.rows("""
        select platform, post_id, views, reach, likes, comments, shares from marketing.fct_social_posts
    """)
    assert {row[:2]: row[2:] for row in found} == truth


def test_brand_awareness_equals_the_visits_and_followers_of_the_month(night: Night):
    truth = defaultdict(lambda: [0, 0, 0, 0])
    for day in night.world.web_days:
        counts = truth[day.day.replace(day=1)]
        counts[0] += day.sessions
        counts[1] += day.sessions * (day.channel_group == "Direct")
        branded = {"Brand | Search | US", "Marke | Suche | DE"}
        counts[2] += day.sessions * (day.channel_group == "Paid Search" and day.campaign in branded)
        counts[3] += day.new_users
    found = night.rows("""
        select month_start_date, sessions, direct_sessions, branded_search_sessions, new_visitors
        from marketing.rpt_brand_awareness where platform = 'website'
    """)
    assert {month: counts for month, *counts in found} == truth
    followers = {}
    for day in sorted(night.world.social_days, key=lambda day: day.day):
        if day.platform == "facebook" and day.followers is not None:
            followers[day.day.replace(day=1)] = day.followers
    assert (
        dict(
            night.rows("""
        select month_start_date, followers from marketing.rpt_brand_awareness where platform = 'facebook'
    """)
        )
        == followers
    )
