"""The questions of `dbt_project/analyses/`: the mart's answer, and the same counted by hand from raw."""

import re
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.conftest import Night
from tests.warehouse.raw_totals.spend import ALL_LINES

QUESTIONS = sorted(Path("dbt_project/analyses").glob("*.sql"))
ALL_SPEND = f"(select *, dollars(spend, currency, activity_date) as worth from ({ALL_LINES}))"

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
    "why_does_sales_reject_leads": "select reason, count(*) from rejections group by all",
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
    "what_does_a_customer_cost": f"""
        with counted as (
            select quarter_of(converted_at) as quarter, 0 as spend, 0 as lacking, count(*) as customers
            from conversions where conversion_type = 'customer' group by all
            union all
            select quarter_of(activity_date), sum(worth), count(*) filter (worth is null and spend <> 0), 0
            from {ALL_SPEND} group by all
        )
        select quarter, sum(spend), sum(customers),
            if(sum(lacking) = 0, round(sum(spend) / nullif(sum(customers), 0), 2), null)
        from counted group by all
    """,
    "what_does_spend_return_by_model": f"""
        select month, attribution_model, spend, coalesce(revenue, 0),
            if(coalesce(lacking_deals, 0) + lacking = 0, round(coalesce(revenue, 0) / spend, 2), null)
        from read_csv('dbt_project/seeds/attribution_models.csv')
        cross join (
            select month_of(activity_date) as month, sum(worth) as spend,
                count(*) filter (worth is null and spend <> 0) as lacking
            from {ALL_SPEND} group by all
        )
        left join (
            select month_of(closed_at) as month, sum(dollars(amount, currency, cast(closed_at as date))) as revenue,
                count(*) filter (dollars(amount, currency, cast(closed_at as date)) is null and amount is not null)
                    as lacking_deals
            from deals where is_won group by all
        ) using (month)
    """,
    "are_we_on_quota": """
        select period_start, target, bookings, if(lacking = 0, round(100 * bookings / target, 2), null)
        from (
            select company_quotas.*, coalesce(sum(worth), 0) as bookings,
                count(*) filter (worth is null and amount is not null) as lacking
            from company_quotas
            left join (select *, dollars(amount, currency, cast(closed_at as date)) as worth from deals where is_won)
                on cast(closed_at as date) between period_start and period_end
            group by all
        )
    """,
    "are_we_within_budget": f"""
        with days as (
            select *, dollars(amount, currency, least(period_start, as_of())) as budget, row_number() over (
                partition by team, segment, period_start, period_end, target_day order by valid_from desc
            ) as place
            from target_days
            where department = 'marketing' and metric in ('spend', 'budget')
                and coalesce(valid_from <= least(target_day, as_of()), true)
        ),
        budgets as (
            select month_of(target_day) as month, sum(part) as budget
            from (
                select *,
                    round(budget * day_number / period_days, 2)
                    - round(budget * (day_number - 1) / period_days, 2) as part,
                    bool_or(team is null) over (partition by month_of(target_day)) as is_of_the_company
                from days where place = 1
            )
            where not is_of_the_company or team is null group by all
        ),
        spent as (
            select month_of(activity_date) as month, sum(worth) as spend,
                count(*) filter (worth is null and spend <> 0) as lacking
            from {ALL_SPEND} group by all
        )
        select month, budget, coalesce(spend, 0),
            if(coalesce(lacking, 0) = 0, round(100 * coalesce(spend, 0) / budget, 2), null)
        from budgets left join spent using (month)
    """,
    "do_we_deliver_the_leads_we_promised": """
        with terms as (
            select *, lead(valid_from, 1, '9999-12-31') over (partition by segment order by valid_from) as valid_until
            from read_csv('dbt_project/seeds/sla_terms.csv')
        ),
        days as (
            select day::date as day, count(*) over (partition by month_of(day)) as month_days
            from (
                select unnest(range(min(month_of(qualified_at)), date '2026-07-01', interval 1 day)) as day
                from handoffs
            )
            where is_business_day(day::date)
        ),
        promised as (
            select month_of(day) as month, segment, round(sum(committed_leads / month_days), 2) as committed
            from days inner join terms on day >= valid_from and day < valid_until group by all
        ),
        delivered as (
            select month_of(qualified_at) as month, one from handoffs left join people using (source, record_id)
        )
        select month, committed, delivered, handoffs
        from (select month, sum(committed) as committed from promised group by all)
        left join (select month, count(distinct one) as delivered, count(*) as handoffs from delivered group by all)
            using (month)
    """,
    "how_much_revenue_do_we_keep": """
        with changes as (
            select coalesce(one, 'company ' || lower(company), subscription_id) as customer, prices.*,
                dollars(price, prices.currency, cast(changed_at as date)) as worth
            from prices
            inner join files.raw.subscriptions using (subscription_id)
            left join people on source = 'files' and record_id = person_id
        ),
        cohorts as (
            select customer, month_of(min(changed_at)) as cohort from changes where price > 0 group by all
        ),
        openings as (
            select cohort, sum(worth) as opened
            from (
                select *, row_number() over (partition by subscription_id order by changed_at) as place from changes
            )
            inner join cohorts using (customer)
            where place = 1 and month_of(changed_at) = cohort
            group by all
        ),
        months as (select month_start_date, sum(mrr) as mrr from mrr_months group by all)
        select month_start_date, opened, mrr, round(100 * mrr / opened, 2)
        from (
            select month_start_date, mrr, (select sum(opened) from openings where cohort <= month_start_date) as opened
            from months
        )
        where opened is not null
    """,
}


def test_each_question_has_an_answer_by_hand():
    assert [path.stem for path in QUESTIONS] == sorted(BY_HAND)


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
