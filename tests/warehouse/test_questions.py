"""The ten questions of `dbt_project/analyses/`: the mart's answer, and the same counted by hand from raw."""

import re
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.conftest import Night

QUESTIONS = sorted(Path("dbt_project/analyses").glob("*.sql"))

# What a US dollar is worth on a day: the last rate told on or before it, either way round, at most a week old.
MACROS = """
create macro dollars(amount, the_currency, the_day) as round(amount * case when the_currency = 'USD' then 1 else (
    select max_by(if(to_currency = 'USD', rate, 1 / rate), rate_date)
    from files.raw.fx_rates
    where the_currency in (from_currency, to_currency) and 'USD' in (from_currency, to_currency)
        and rate_date between the_day - 7 and the_day
) end, 2);
create macro month_of(moment) as cast(date_trunc('month', moment) as date);
-- Who is no customer: test records, the company's own and junk, as the seed person_exclusion_rules says;
-- with each such record the others of the same mailbox and those merged with it.
create table records as
select source, record_id, email, split_part(split_part(email, '@', 1), '+', 1) as mailbox, full_name, is_test
from (
    select 'hubspot' as source, id as record_id, lower(trim(email)) as email,
        lower(trim(concat_ws(' ', firstname, lastname))) as full_name, is_test = 'true' as is_test
    from hubspot.raw.contacts
    union all
    select 'files', person_id, lower(trim(email)), lower(trim(full_name)), is_test from files.raw.people
);
create table refused as
select * from records
where is_test or email like '%@lumenworks.example'
    or mailbox in ('noreply', 'no-reply', 'donotreply', 'do-notreply', 'donot-reply', 'do-not-reply', 'mailer-daemon')
    or mailbox in ('postmaster', 'abuse', 'qwerty', 'qwertz', 'testing', 'tester')
    or regexp_full_match(mailbox, 'asdf+|test[0-9]*|aaa+|xxx+')
    or full_name in ('foo bar', 'mickey mouse', 'donald duck', 'qwerty', 'qwerty qwerty', 'test')
    or full_name in ('test test', 'test user', 'test contact', 'test lead', 'test person')
    or regexp_full_match(full_name, 'asdf+( asdf+)?');
create table excluded as
with recursive
merged as (
    select id as one, survivor_id as other from hubspot.raw.contact_merges
    union all
    select survivor_id, id from hubspot.raw.contact_merges
),
tainted as (
    select source, record_id from records
    where (source, record_id) in (select source, record_id from refused)
        or email in (select email from refused where email <> '')
    union
    select source, other from tainted inner join merged on source = 'hubspot' and record_id = one
)
select source, record_id as source_person_id from tainted;
create view deals as
select
    'hubspot' as source, id as deal_id, cast(amount as decimal(18, 2)) as amount, deal_currency_code as currency,
    cast(closedate as timestamptz)::timestamp as closed_at, hs_is_closed_won = 'true' as is_won,
    hs_is_closed = 'true' as is_closed, archived, hubspot_owner_id as owner_id, dealstage as stage
from hubspot.raw.deals
where id not in (
    select deal_id from hubspot.raw.deal_contacts group by deal_id
    having bool_and(contact_id in (select source_person_id from excluded where source = 'hubspot'))
)
union all
select 'files', deal_id, amount, currency, closed_at, is_won, closed_at is not null, false, owner_id, stage
from files.raw.deals;
"""

BY_HAND = {
    "what_did_each_platform_cost": """
        select
            month_of(segments_date), 'google_ads',
            sum(dollars(round(cost_micros / 1e6, 2), currency_code, segments_date))
        from google_ads.raw.campaign_daily inner join google_ads.raw.accounts using (customer_id)
        group by all
        union all
        select month_of(date_start), 'meta_ads', sum(dollars(spend, currency, date_start))
        from meta_ads.raw.campaign_daily inner join meta_ads.raw.accounts using (account_id)
        group by all
    """,
    "what_did_offline_campaigns_cost": """
        select channel, currency, round(sum(
            amount * (least(end_date, date '2026-06-30') - start_date + 1) / (end_date - start_date + 1)
        ), 2)
        from files.raw.spend where start_date <= date '2026-06-30' group by all
    """,
    "how_many_visits_did_we_get": """
        select month_of(date), sum(sessions), sum(engaged_sessions)
        from google_analytics.raw.sessions_daily
        group by all
    """,
    "do_people_click_our_emails": """
        select month_of(moment), sum(sent), sum(clicks), sum(unsubscribes)
        from (
            select send_time as moment, emails_sent as sent, 0 as clicks, 0 as unsubscribes from mailchimp.raw.reports
            union all
            select timestamp, 0, 1, 0 from mailchimp.raw.email_activity where action = 'click'
            union all
            select timestamp, 0, 0, 1 from mailchimp.raw.unsubscribes
        )
        group by all
    """,
    "how_many_leads_were_handed_over": """
        select month_of(changed_at), count(*)
        from (
            select *, lag(value) over (partition by source, id order by changed_at) as value_before
            from (
                select 'hubspot' as source, id, changed_at, value
                from hubspot.raw.contact_history
                where property = 'lifecyclestage'
                union all
                select 'files', person_id, changed_at, stage from files.raw.stage_changes
            )
        )
        where value in ('marketingqualifiedlead', 'qualified') and value_before is distinct from value
            and (source, id) not in (select source, source_person_id from excluded)
        group by all
    """,
    "why_does_sales_reject_leads": """
        select coalesce(reason, 'unstated'), count(*)
        from (
            select nullif(hs_lead_disqualification_reason, '') as reason
            from hubspot.raw.leads
            where hs_pipeline_stage = 'unqualified-stage-id'
            union all
            select null
            from (
                select *, lag(stage) over (partition by person_id order by changed_at) as stage_before
                from files.raw.stage_changes
                where ('files', person_id) not in (from excluded)
            )
            where stage = 'disqualified' and stage_before = 'qualified'
        )
        group by all
    """,
    "what_did_we_win": """
        select month_of(closed_at), sum(dollars(amount, currency, cast(closed_at as date)))
        from deals where is_won group by all having sum(amount) <> 0
    """,
    "who_sold_what": """
        select coalesce(first_name || ' ' || last_name, full_name), count(*),
            sum(dollars(amount, currency, cast(closed_at as date)))
        from deals
        left join hubspot.raw.owners on source = 'hubspot' and owners.id = owner_id
        left join files.raw.owners as of_files on of_files.owner_id = deals.owner_id
        where is_won and deals.owner_id is not null
        group by all
    """,
    "what_is_in_the_pipeline": """
        select case stage
                when 'presentationscheduled' then 'proposal'
                when 'decisionmakerboughtin' then 'negotiation'
                when 'contractsent' then 'negotiation'
                when 'appointmentscheduled' then 'accepted'
                when 'qualifiedtobuy' then 'accepted'
                else stage
            end, count(*), sum(dollars(amount, currency, date '2026-06-30'))
        from deals where not is_closed and not archived group by all
    """,
    "what_recurs_every_month": """
        select month_start, sum(dollars(changed.mrr, currency, cast(changed_at as date)))
        from (
            select month_start, subscription_id, max_by(changes.mrr, changed_at) as mrr, max(changed_at) as changed_at
            from (select unnest(range(date '2025-01-01', date '2026-07-01', interval 1 month))::date as month_start)
            inner join files.raw.subscription_changes as changes on month_of(changed_at) <= month_start
            group by all
        ) as changed inner join files.raw.subscriptions using (subscription_id)
        where coalesce(month_of(ended_at) > month_start, true)
        group by month_start
    """,
}


def test_there_are_ten_questions_each_with_an_answer_by_hand():
    assert [path.stem for path in QUESTIONS] == sorted(BY_HAND)
    assert len(QUESTIONS) == 10


@pytest.fixture(scope="module")
def raw(night: Night) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for path in (night.warehouse.parent.parent / "raw").glob("*.duckdb"):
        connection.execute(f"attach '{path}' as {path.stem} (read_only)")
    connection.execute(MACROS)
    return connection


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_mart_and_raw_give_one_answer(night: Night, raw: duckdb.DuckDBPyConnection, manifest: dict, path: Path):
    schemas = {node["name"]: node["schema"] for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    question = re.sub(r"\{\{ dbt.date_trunc\('(\w+)', '(\w+)'\) \}\}", r"date_trunc('\1', \2)", path.read_text())
    question = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", lambda match: f"{schemas[match[1]]}.{match[1]}", question)
    answer = night.rows(question)
    by_hand = raw.execute(BY_HAND[path.stem]).fetchall()
    assert answer
    assert sorted(map(told, answer)) == sorted(map(told, by_hand))


def test_exactly_those_are_excluded_whom_raw_shows_to_be_no_customers(night: Night, raw: duckdb.DuckDBPyConnection):
    by_hand = raw.execute("from excluded").fetchall()
    assert by_hand
    assert sorted(by_hand) == sorted(
        night.rows("select source, source_person_id from intermediate.int_people__resolved where is_excluded")
    )


def told(row: tuple) -> str:
    """A row in words: amounts to the cent, whatever they are computed in."""
    return " | ".join(
        str(value) if isinstance(value, str) or not hasattr(value, "__round__") else f"{value:.2f}" for value in row
    )
