"""The ten questions of `dbt_project/analyses/`: the mart's answer, and the same counted by hand from raw."""

import re
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.conftest import Night

QUESTIONS = sorted(Path("dbt_project/analyses").glob("*.sql"))


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
        select if(channel = 'skywriting', 'other', channel), currency, round(sum(
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
    "how_many_leads_were_handed_over": "select month_of(qualified_at), count(*) from handoffs group by all",
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
        where ('files', coalesce(person_id, '')) not in (from excluded)
            and coalesce(month_of(ended_at) > month_start, true)
        group by month_start
    """,
}


def test_there_are_ten_questions_each_with_an_answer_by_hand():
    assert [path.stem for path in QUESTIONS] == sorted(BY_HAND)
    assert len(QUESTIONS) == 10


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
