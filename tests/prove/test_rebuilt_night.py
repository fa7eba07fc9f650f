"""A night built again from the raw of later nights: it differs only by what arrived or was restated, row by row.

What that is, is told by raw itself: the rows that differ between the first night's raw and the third's and whose own
time is not after the first night. Nothing here reads a model to say what it should have made of them.
"""

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion import SOURCES
from publishing.build import build, dbt_command, dbt_environment
from publishing.differences import differences, differences_counted
from publishing.nights import runs
from publishing.publish import publish
from tests.prove.late_deals import stays_and_closings, with_late_deals
from tests.prove.test_ten_nights import DAYS, at_night, load_all, world

pytestmark = pytest.mark.prove

DAY = DAYS[0]
NEXT = f"timestamp '{DAYS[1]}'"
# When the rows of a raw table happened: those after the day did not arrive late, they had not happened yet.
HAPPENED = {
    "hubspot": {
        "contacts": "cast(createdate as timestamp)",
        "companies": "cast(createdate as timestamp)",
        "deals": "cast(createdate as timestamp)",
        "leads": "cast(hs_createdate as timestamp)",
        "contact_history": "changed_at",
        "deal_history": "changed_at",
        "lead_history": "changed_at",
        "calls": "cast(hs_timestamp as timestamp)",
        "meetings": "cast(hs_timestamp as timestamp)",
        "emails": "cast(hs_timestamp as timestamp)",
        "tasks": "cast(hs_timestamp as timestamp)",
    },
    "google_ads": {"campaign_daily": "segments_date", "clicks": "segments_date"},
    "meta_ads": {"campaign_daily": "date_start"},
    "google_analytics": {"sessions_daily": "date"},
    "facebook_pages": {
        "page_daily": "date",
        "instagram_daily": "date",
        "posts": "created_time",
        "media": "timestamp",
    },
    "mailchimp": {"email_activity": "timestamp", "unsubscribes": "timestamp", "reports": "send_time"},
    "files": {
        "people": "created_at",
        "touches": "touched_at",
        "stage_changes": "changed_at",
        "activities": "occurred_at",
        "deals": "created_at",
        "deal_stage_changes": "changed_at",
        "web_events": "occurred_at",
        "fx_rates": "rate_date",
        "subscriptions": "started_at",
        "subscription_changes": "changed_at",
    },
}
# What a record of HubSpot says now and its history says with times, and what follows from that: the day's is history's.
IN_HISTORY = {
    "contacts": ["lifecyclestage", "hs_lead_status", "hs_latest_source", "hs_latest_source_timestamp", "utm_campaign"],
    "deals": [
        "dealstage",
        "hs_is_closed",
        "hs_is_closed_won",
        "hs_deal_stage_probability",
        "amount",
        "hubspot_owner_id",
    ],
    "leads": ["hs_pipeline_stage"],
}

# By how much a listed cell of the pipeline differs.
LISTED_PIPELINE = """
    with told as (
        select as_of_date, stage, owner_key, {key}, {deals} as deals, {amount} as amount, {closed} as closed
        from later_1.sales.{table}
        union all
        select as_of_date, stage, owner_key, {key}, -{deals}, -{amount}, -{closed} from earlier_1.sales.{table}
    )
    select as_of_date, stage, owner_key, sum(deals), sum(amount), sum(closed)
    from told where {key} in (select row_key ->> '{key}' from differences where table_name = 'sales.{table}')
    group by all
"""
PIPELINES = {
    "rpt_pipeline": {
        "key": "pipeline_key", "deals": "deals", "amount": "amount_reporting", "closed": "closed_deals",
    },
    "rpt_pipeline_daily": {
        "key": "pipeline_day_key", "deals": "closing_deals", "amount": "closing_amount", "closed": "0",
    },
}  # fmt: skip

# What raw says should differ, and what is listed as different; in the same words, to be compared as sets.
RESTATED_AD_DAYS = """
    with told as (
        select 'google_ads' as platform, 'then' as night, cast(customer_id as varchar) as account_id,
            cast(campaign_id as varchar) as campaign_id, segments_date as activity_date,
            cost_micros / 1e6 as spend, impressions, clicks, conversions, conversions_value as value, null as reach
        from google_ads_then.raw.campaign_daily
        union all
        select 'google_ads', 'now', cast(customer_id as varchar), cast(campaign_id as varchar), segments_date,
            cost_micros / 1e6, impressions, clicks, conversions, conversions_value, null
        from google_ads_now.raw.campaign_daily
        union all
        select 'meta_ads', 'then', account_id, campaign_id, date_start,
            spend, impressions, clicks, coalesce(leads, 0) + coalesce(purchases, 0), purchase_value, reach
        from meta_ads_then.raw.campaign_daily
        union all
        select 'meta_ads', 'now', account_id, campaign_id, date_start,
            spend, impressions, clicks, coalesce(leads, 0) + coalesce(purchases, 0), purchase_value, reach
        from meta_ads_now.raw.campaign_daily
    )
    select
        platform, account_id, campaign_id, activity_date,
        if(count(*) = 2, 'changed', if(min(night) = 'now', 'added', 'removed'))
    from told where activity_date < {next}
    group by platform, account_id, campaign_id, activity_date
    having count(*) = 1 or count(distinct (spend, impressions, clicks, conversions, value, reach)) = 2
"""
LISTED_SPEND = """
    with spend as (from earlier_0.marketing.fct_spend union all by name from later_0.marketing.fct_spend),
    campaigns as (from earlier_0.core.dim_campaigns union by name from later_0.core.dim_campaigns)
    select platform, spend.account_id, campaign_id, activity_date, change
    from differences
    join spend on spend_key = row_key ->> 'spend_key'
    left join campaigns using (campaign_key, platform)
    where table_name = 'marketing.fct_spend'
"""
LATE_SOCIAL_DAYS = """
    select 'facebook', page_id, date, 'added' from facebook_pages_now.raw.page_daily
    anti join facebook_pages_then.raw.page_daily as known using (page_id, date) where date < {next}
    union all
    select 'instagram', instagram_id, date, 'added' from facebook_pages_now.raw.instagram_daily
    anti join facebook_pages_then.raw.instagram_daily as known using (instagram_id, date) where date < {next}
"""
LISTED_SOCIAL_DAYS = """
    select platform, account_id, activity_date, change
    from differences join later_0.marketing.fct_social_daily on social_daily_key = row_key ->> 'social_daily_key'
    where table_name = 'marketing.fct_social_daily'
"""
# Deals that were told later, corrected, or turned out to be another; and stages of them that were.
LATE_DEALS = """
    select 'hubspot' as source, id as deal_id, 'removed' as change
    from hubspot_now.raw.deal_merges anti join hubspot_then.raw.deal_merges as known using (id)
    union
    select 'files', deal_id, if(known.deal_id is null, 'added', 'changed')
    from files_now.raw.deals as now left join files_then.raw.deals as known using (deal_id)
    where now.created_at < {next} and (now.amount, now.owner_id, now.stage, now.closed_at, now.currency)
        is distinct from (known.amount, known.owner_id, known.stage, known.closed_at, known.currency)
    union
    select 'files', deal_id, 'changed' from (
        select deal_id, stage, changed_at from files_now.raw.deal_stage_changes
        except select deal_id, stage, changed_at from files_then.raw.deal_stage_changes
    ) where changed_at < {next} and deal_id in (select deal_id from files_then.raw.deals)
    union
    select 'hubspot', id, 'changed' from (
        select id, property, value, changed_at from hubspot_now.raw.deal_history
        except select id, property, value, changed_at from hubspot_then.raw.deal_history
    ) where changed_at < {next} and property in ('dealstage', 'amount', 'hubspot_owner_id')
"""
RESTATED_DEALS = f"""
    select id, 'changed'
    from hubspot_now.raw.deals as now join hubspot_then.raw.deals as known using (id)
    where (now.closedate, now.dealname, now.archived) is distinct from (known.closedate, known.dealname, known.archived)
    union
    select deal_id, change from ({LATE_DEALS})
"""
LISTED_DEALS = """
    with deals as (from earlier_1.sales.fct_deals union by name from later_1.sales.fct_deals)
    select source_deal_id, change from differences join deals on deal_key = row_key ->> 'deal_key'
    where table_name = 'sales.fct_deals'
"""
# A record is known by the hash of its source and id until it is merged into an older one.
MERGED = """
    select md5('hubspot|' || id), 'removed'
    from hubspot_now.raw.contact_merges anti join hubspot_then.raw.contact_merges as known using (id)
"""
LISTED_PEOPLE = """
    select row_key ->> 'person_key', change from differences
    where table_name = 'core.dim_people' and change in ('added', 'removed')
"""
SESSIONS = """
    select id, epoch_ms(cast(value as bigint)) as touched_at from hubspot_{night}.raw.contact_history
    where property = 'hs_latest_source_timestamp' and value != '' and epoch_ms(cast(value as bigint)) < {next}
"""
LATE_TOUCHES = f"""
    with known as ({SESSIONS.format(night="then", next=NEXT)}), now as ({SESSIONS.format(night="now", next=NEXT)})
    select person_key, touched_at, 'added' from files_now.raw.touches
    join built.intermediate.int_people__resolved as people
        on people.source = 'files' and people.source_person_id = person_id
    anti join files_then.raw.touches as known using (touch_id) where touched_at < {{next}}
    union all
    select person_key, touched_at, 'added' from (from now except from known)
    join built.intermediate.int_people__resolved on source = 'hubspot' and source_person_id = id
    union all
    select md5('hubspot|' || id), touched_at, 'removed'
    from known join hubspot_now.raw.contact_merges using (id)
    anti join hubspot_then.raw.contact_merges as merged using (id)
"""
LISTED_TOUCHES = """
    with touches as (from earlier_0.core.fct_touches union by name from later_0.core.fct_touches)
    select person_key, touched_at, change from differences join touches on touch_key = row_key ->> 'touch_key'
    where table_name = 'core.fct_touches'
"""
FACTS = {
    "ad days": (RESTATED_AD_DAYS, LISTED_SPEND),
    "social days": (LATE_SOCIAL_DAYS, LISTED_SOCIAL_DAYS),
    "deals": (RESTATED_DEALS, LISTED_DEALS),
    "people": (MERGED, LISTED_PEOPLE),
    "touches": (LATE_TOUCHES, LISTED_TOUCHES),
}

# People of whom something arrived late, was merged or was restated, by their key then and now.
CONCERNED = f"""
    with late_deals as ({LATE_DEALS}),
    records as (
        select 'hubspot' as source, id from (
            from hubspot_now.raw.contact_history except from hubspot_then.raw.contact_history
        ) where changed_at < {{next}}
        union all
        select 'hubspot', unnest([id, survivor_id]) from (
            select id, survivor_id from hubspot_now.raw.contact_merges
            except select id, survivor_id from hubspot_then.raw.contact_merges
        )
        union all
        select 'hubspot', now.id from hubspot_now.raw.contacts as now join hubspot_then.raw.contacts as known using (id)
        where (now.email, now.country, now.company, now.segment, now.is_test, now.hubspot_owner_id)
            is distinct from
            (known.email, known.country, known.company, known.segment, known.is_test, known.hubspot_owner_id)
        union all
        select 'files', person_id from (
            select person_id, changed_at from files_now.raw.stage_changes
            except select person_id, changed_at from files_then.raw.stage_changes
        ) where changed_at < {{next}}
        union all
        select 'files', person_id from (
            select person_id, touched_at from files_now.raw.touches
            except select person_id, touched_at from files_then.raw.touches
        ) where touched_at < {{next}}
        union all
        select 'files', person_id from late_deals join files_now.raw.deals using (deal_id)
        where source = 'files' and person_id is not null
        union all
        select 'hubspot', contact_id from late_deals join hubspot_then.raw.deal_contacts using (deal_id)
        where source = 'hubspot'
    )
    select md5(source || '|' || id) as person_key from records
    union
    select person_key from records join built.intermediate.int_people__resolved using (source)
    where source_person_id = id
"""
PERSONAL = {
    "core.dim_people": "person_key",
    "core.fct_lead_stages": "lead_stage_key",
    "core.fct_touches": "touch_key",
    "marketing.fct_attribution": "attribution_key",
    "alignment.fct_handoffs": "handoff_key",
    "sales.dim_contacts": "person_key",
    "sales.fct_activities": "activity_key",
}
# Markov's weights follow from the paths of all people: one late touch moves everybody's, and nothing but those.
MARKOV_OF_OTHERS = """
    with told as (
        from earlier_0.marketing.fct_attribution where attribution_model = 'markov'
        union by name from later_0.marketing.fct_attribution where attribution_model = 'markov'
    )
    select change, column_name
    from differences join told on attribution_key = row_key ->> 'attribution_key'
    where table_name = 'marketing.fct_attribution'
        and coalesce(person_key, '') not in (select person_key from ({concerned}))
"""
OF_ONE = {"marketing.fct_attribution": "attribution_model <> 'markov'"}
LISTED_OF_PERSON = """
    with told as (
        select {key}, person_key as owner from earlier_{file}.{table} where {of_one}
        union select {key}, person_key from later_{file}.{table} where {of_one}
    )
    select distinct owner from differences join told on {key} = row_key ->> '{key}' where table_name = '{table}'
"""


@dataclass(frozen=True)
class Nights:
    """A warehouse of three nights in which the first was published, and again from the raw of the third.

    `then` is its raw as it was on the first night.
    """

    warehouse: Path
    then: Path
    again: dict


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    folder = tmp_path_factory.mktemp("nights")
    warehouse, then = folder / "warehouse", folder / "then"
    for day in DAYS[:3]:
        with at_night(warehouse, day, with_late_deals(world(day)) if day == DAYS[2] else None):
            load_all(day)
            if day == DAY:
                assert build(), "dbt failed a model or a critical test"
                publish()
                shutil.copytree(warehouse / "raw", then)
    with at_night(warehouse, DAY):
        load_all(DAY)
        assert build(), "dbt failed a model or a critical test"
        return Nights(warehouse, then, publish())


@pytest.fixture
def told(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    """The differences, beside both nights (`earlier_0`, ...) and both raws of each source (`hubspot_then`, ...)."""
    monkeypatch.setenv("WAREHOUSE_DIR", str(nights.warehouse))
    assert runs() == ["2026-06-30.1", "2026-06-30.2"]
    with closing(differences("2026-06-30.1", "2026-06-30.2")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{nights.warehouse / 'build' / 'warehouse.duckdb'}' as built (read_only)")
        for source in SOURCES:
            connection.execute(f"attach '{nights.then / source}.duckdb' as {source}_then (read_only)")
            connection.execute(f"attach '{nights.warehouse / 'raw' / source}.duckdb' as {source}_now (read_only)")
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> set[tuple]:
    return set(connection.execute(query).fetchall())


def compared_with(night: str, nights: Nights, raw: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict:
    """What differs between a published night and its day built from other raw files, counted."""
    shutil.copytree(nights.warehouse / "published", folder / "published", symlinks=True)
    shutil.copytree(raw, folder / "raw")
    monkeypatch.setenv("WAREHOUSE_DIR", str(folder))
    monkeypatch.setenv("AS_OF", DAY.isoformat())
    (folder / "build").mkdir()
    if raw != nights.then:
        forget_what_came_later(folder / "raw", nights.then)
    command = dbt_command("build", "--resource-type", "seed", "--resource-type", "model")
    subprocess.run(command, env=dbt_environment(), check=True)
    with closing(differences(night)) as connection:
        return differences_counted(connection)


def forget_what_came_later(raw: Path, then: Path) -> None:
    """Take away all that had not happened yet on the first night, and what records say now of their own history."""
    for source, tables in HAPPENED.items():
        with duckdb.connect(str(raw / f"{source}.duckdb")) as connection:
            connection.execute("set TimeZone = 'UTC'")
            forgotten = [
                connection.execute(f"delete from raw.{table} where {happened} >= {NEXT}").fetchone()[0]
                for table, happened in tables.items()
            ]
            assert sum(forgotten) > 0, f"nothing happened in {source} after the first night"
    with duckdb.connect(str(raw / "hubspot.duckdb")) as connection:
        connection.execute(f"attach '{then / 'hubspot.duckdb'}' as known (read_only)")
        for table, columns in IN_HISTORY.items():
            values = ", ".join(f"{column} = known.{column}" for column in columns)
            connection.execute(
                f"update raw.{table} as now set {values} from known.raw.{table} as known where now.id = known.id"
            )


def test_the_day_built_again_from_the_same_raw_differs_by_nothing(
    nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compared_with("2026-06-30.1", nights, nights.then, tmp_path, monkeypatch) == {}


def test_nothing_that_had_not_happened_yet_makes_a_difference(
    nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, all tables are those of the night built again: what differs is what arrived late or was restated."""
    assert compared_with("2026-06-30.2", nights, nights.warehouse / "raw", tmp_path, monkeypatch) == {}


@pytest.mark.parametrize("facts", FACTS)
def test_the_facts_listed_are_exactly_those_that_arrived_late_or_were_restated(
    facts: str, told: duckdb.DuckDBPyConnection
) -> None:
    expected, listed = (rows(told, query.format(next=NEXT)) for query in FACTS[facts])
    assert listed == expected
    assert expected, "the company's three nights restated nothing of the kind"


@pytest.mark.parametrize("table", PERSONAL)
def test_every_other_row_listed_is_of_a_person_whom_that_concerns(table: str, told: duckdb.DuckDBPyConnection) -> None:
    of_file = {
        "key": PERSONAL[table],
        "table": table,
        "file": int(table.startswith("sales.")),
        "of_one": OF_ONE.get(table, "true"),
    }
    assert rows(told, LISTED_OF_PERSON.format(**of_file)) <= rows(told, CONCERNED.format(next=NEXT))


def test_the_report_counts_what_is_listed(nights: Nights, told: duckdb.DuckDBPyConnection) -> None:
    assert nights.again["differences"] == {"from": "2026-06-30.1", "tables": differences_counted(told)}
    listed = nights.warehouse / "published" / "2026-06-30.2" / "differences.parquet"
    assert rows(told, f"from '{listed}'") == rows(told, "from differences")


def test_only_the_weights_of_markov_move_for_people_whom_nothing_late_concerns(
    told: duckdb.DuckDBPyConnection,
) -> None:
    moved = rows(told, MARKOV_OF_OTHERS.format(concerned=CONCERNED.format(next=NEXT)))
    assert moved <= {("changed", "weight"), ("changed", "attributed_value")}
    assert moved


@pytest.mark.parametrize("table", PIPELINES)
def test_every_changed_cell_of_the_pipeline_is_explained_by_the_deals_told_late(
    table: str, told: duckdb.DuckDBPyConnection
) -> None:
    """Those deals are listed, and what they moved, derived from raw, is what the cells differ by."""
    late = {(source, deal_id): change for source, deal_id, change in rows(told, LATE_DEALS.format(next=NEXT))}
    owners = {
        row[:2]: row[2]
        for row in rows(told, "select source, source_owner_id, owner_key from built.intermediate.int_owners__resolved")
    }
    moved = defaultdict(lambda: [0, Decimal(0)])
    closed = defaultdict(list)
    for night, sign in (("then", -1), ("now", 1)):
        for (source, deal_id), (stays, closed_on) in stays_and_closings(told, night, NEXT, late.keys()).items():
            print(f"{source} {deal_id}, {late[source, deal_id]}, {night}: {len(stays)} days until {closed_on or DAY}")
            for stay in stays:
                cell = moved[stay.day, stay.stage, owners[source, stay.owner_id]]
                cell[0] += sign
                cell[1] += sign * stay.amount
            if closed_on:
                for stage, owner_id in {(stay.stage, stay.owner_id) for stay in stays}:
                    closed[stage, owners[source, owner_id]].append((closed_on, sign))
    query = LISTED_PIPELINE.format(table=table, **PIPELINES[table])
    listed = {row[:3]: row[3:] for row in rows(told, query)}
    assert {cell: by[:2] for cell, by in listed.items() if any(by[:2])} == {
        cell: tuple(by) for cell, by in moved.items() if any(by)
    }
    for (day, stage, owner), (deals, amount, closings) in listed.items():
        is_told_of_deals = {(day, stage, owner), (day - timedelta(days=1), stage, owner)} & moved.keys()
        expected = sum(sign for closed_on, sign in closed[stage, owner] if closed_on <= day)
        assert is_told_of_deals or expected or deals or amount, f"nothing late explains {day} {stage} {owner}"
        assert table != "rpt_pipeline" or closings == expected
    assert set(late.values()) == {"added", "changed", "removed"}
