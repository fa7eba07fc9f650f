"""Every defined metric: what the semantic layer answers on known rows and on a night, and what the marts publish."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.conftest import Night
from tests.warehouse.semantic_layer import SemanticLayer

# Worked out on the rows of known_rows.sql.
KNOWN = {
    "spend": 1200,  # 600 + 200 + 400: the channel without leads costs too
    "impressions": 15000,
    "clicks": 300,
    "sessions": 200,
    "engaged_sessions": 120,
    "leads": 8,
    "qualified_leads": 4,
    "opportunities": 2,
    "customers": 1,
    "won_deals": 2,
    "attributed_revenue": 1600,
    "platform_conversions": 12,
    "click_through_rate": 0.02,  # 300 / 15,000
    "cost_per_click": 4,  # 1,200 / 300
    "cost_per_lead": 150,  # 1,200 / 8, not the mean of 100 and 100
    "cost_per_qualified_lead": 300,
    "cost_per_opportunity": 600,
    "customer_acquisition_cost": 1200,
    "return_on_ad_spend": 1600 / 1200,
    "platform_over_claim": 1.5,  # 12 / 8
    "web_sessions": 100,
    "engaged_web_sessions": 70,
    "web_engagement_rate": 0.7,
    "brand_sessions": 400,
    "direct_sessions": 100,
    "branded_search_sessions": 20,
    "direct_share": 0.25,
    "branded_search_share": 0.05,
    "new_visitors": 60,
    "key_events": 20,
    "emails_sent": 215,
    "emails_delivered": 200,
    "human_opens": 50,
    "email_clicks": 10,
    "email_clickers": 6,
    "email_click_rate": 0.03,  # 6 / 200: who clicks twice is one of those who clicked
    "human_openers": 30,
    "human_open_rate": 0.15,  # 30 / 200
    "unsubscribes": 3,
    "unsubscribe_rate": 0.015,
    "list_joins": 15,
    "list_growth": 3,  # of each of three days 5 - 2 - 1 - 1
    "spend_at_constant_rates": 165,  # 110 + 55, what has no such rate is missing
    "subscribers": 150,  # 110 + 40: each list's last day
    "social_views": 1200,
    "social_engagement_rate": 0.05,  # 60 / 1,200: no views are told of 50 more engagements
    "post_views": 400,
    "post_shares": 58,
    "post_shares_with_views": 8,
    "post_share_rate": 0.02,  # 8 / 400: no views are told of the post shared 50 times
    "social_reach": 700,  # the largest day of one page: never summed
    "social_engagements": 110,
    "social_engagements_with_views": 60,
    "followers": 1010,  # each page's last day, 1,010 and 200: the same people follow both
    "attributed_conversions": 5,  # the months, not all time; those without a touch have no channel
    "model_spend": 800,  # 400 under each of two models
    "model_revenue": 1200,
    "return_on_ad_spend_by_model": 1.5,
    "all_conversions": 20,
    "touched_conversions": 15,
    "attribution_rate": 0.75,
    "all_conversion_value": 2000,
    "touched_conversion_value": 1800,
    "value_attribution_rate": 0.9,
    "claimed_conversions": 12,
    "own_leads": 4,
    "over_claim_ratio": 3,
    "model_disagreement": 250,  # 200 + 50: the months; the row of all time is not added
    "budget": 2000,  # the company's row, which holds its channels'
    "budgeted_spend": 1200,
    "budget_attainment": 0.6,
    "cohort_entered": 20,
    "cohort_reached": 5,
    "cohort_conversion_rate": 0.25,
    "revenue": 1500,  # 900 + 100 + 700 - 200, the open deal not, nor the one won on no known day
    "referral_revenue": 500,  # 700 - 200
    "paying_customers": 2,
    "first_time_customers": 2,
    "repeat_customers": 1,
    "repeat_revenue": 100,
    "average_revenue_per_customer": 750,
    "average_cycle_days": 30,
    "median_cycle_days": 20,  # of 10, 20, 60: a refund is no sale of 0 days
    "recurring_revenue": 40,  # of the last month
    "churned_revenue": 10,
    "pipeline": 6000,  # of the last day
    "weighted_pipeline": 3300,
    "stage_closed_deals": 8,
    "stage_won_deals": 4,
    "stage_win_rate": 0.5,
    "quota": 5000,  # the company's rows, which are its reps'
    "bookings": 2500,
    "open_pipeline": 1000,  # of the running period; those to come name the same open deals
    "running_quota": 2000,
    "running_bookings": 1500,
    "quota_attainment": 0.5,
    "pipeline_coverage": 2,  # 1,000 / (2,000 - 1,500): without parentheses it would be -1,499.5
    "rep_quota": 2000,
    "rep_bookings": 1500,
    "rep_quota_attainment": 0.75,
    "new_mrr": 70,  # 50 + 20: the company's rows; those of plans are the same money
    "expansion_mrr": 10,
    "contraction_mrr": 5,
    "churned_mrr": 20,
    "reactivation_mrr": 5,
    "churned_customers": 1,
    "opening_mrr": 50,
    "closing_mrr": 60,  # of the last month
    "recurring_customers": 3,
    "average_mrr_per_customer": 20,
    "gross_churn_rate": 0.5,  # (5 + 20) / (0 + 50)
    "cohort_customers": 10,
    "cohort_active_customers": 8,
    "customer_retention": 0.8,
    "cohort_opening_mrr": 100,
    "cohort_closing_mrr": 110,
    "cohort_retained_mrr": 80,
    "net_revenue_retention": 1.1,
    "gross_revenue_retention": 0.8,
    "referred_people": 3,
    "referred_customers": 2,
    "referred_revenue": 700,
    "velocity_closed_deals": 10,
    "velocity_won_deals": 4,
    "closed_amount": 10000,
    "won_amount": 5000,
    "velocity_open_deals": 24,  # of the last month
    "won_cycle_days": 400,
    "won_deals_with_cycle": 4,
    "sales_velocity": 120,  # 24 x 5,000 / 10 / (400 / 4): what is open last, at the pace of all that closed
    "win_rate": 0.4,  # 4 of 10: each deal once, however many stages it stood in
    "win_rate_by_amount": 0.5,
    "average_won_amount": 1250,  # 5,000 / 4
    "lost_deals": 6,
    "lost_amount": 5000,
    "objections": 2,
    "committed_leads": 40,
    "expected_leads": 32,
    "attainment_by_now": 0.75,  # 24 / 32
    "delivered_leads": 30,
    "promised_leads_delivered": 24,
    "delivery_attainment": 0.6,  # 24 / 40: the 6 of a segment without a promise fulfil none
    "median_response_seconds": 3600,  # of 600, 3,600 and 7,200; one is not answered
    "handoffs": 31,
    "handoffs_met": 15,
    "handoffs_breached": 5,
    "handoffs_pending": 11,
    "follow_up_rate": 0.75,  # 15 / (15 + 5): without parentheses it would be 6
    "handoffs_delivered": 20,
    "accepted_leads": 8,
    "rejected_leads": 4,
    "never_worked_leads": 1,
    "handoff_opportunities": 5,
    "handoffs_won": 3,
    "handoff_revenue": 1500,
    "cost_of_rejected": 100,
    **dict.fromkeys(
        [
            "unconverted_spend_rows",
            "unconverted_credits",
            "unconverted_model_spend_rows",
            "unconverted_model_deals",
            "unconverted_budget_rows",
            "unconverted_quotas",
            "unconverted_bookings",
            "unconverted_rep_quotas",
            "unconverted_rep_bookings",
            "unconverted_running_quotas",
            "unconverted_running_bookings",
            "unconverted_open_pipeline",
            "unconverted_closed_deals",
            "unconverted_openings",
            "unconverted_subscriptions",
            "unconverted_won_deals",
            "unconverted_mrr_changes",
            "unconverted_mrr_openings",
            "unconverted_mrr_subscriptions",
        ],
        0,
    ),
    "acceptance_rate": 0.4,
    "rejection_rate": 0.2,
}

# Formulas told in words: what is published (keys, then the metric), and the same computed from the facts.
IN_WORDS = {
    "followers": (
        """
        select account_id, max_by(followers, activity_date) filter (where followers is not null)
        from marketing.fct_social_daily
        group by all
        having count(followers) > 0
        """,
        """
        select account_id, followers
        from marketing.fct_social_daily as days
        where activity_date = (
            select max(activity_date) from marketing.fct_social_daily as others
            where others.account_id = days.account_id and followers is not null
        )
        """,
    ),
    "subscribers": (
        "select list_id, max_by(subscribers, activity_date) from marketing.rpt_email_lists_daily group by all",
        """
        select list_id, sum(joined - unsubscribed - bounced - archived)
        from marketing.rpt_email_lists_daily
        group by all
        """,
    ),
    "revenue": (
        "select month_start_date, deal_type, revenue from sales.rpt_revenue_monthly where revenue <> 0",
        """
        select cast(date_trunc('month', closed_date) as date), deal_type, sum(amount_reporting)
        from sales.fct_deals
        where is_won
        group by all
        having sum(amount_reporting) <> 0
        """,
    ),
    "referral_revenue": (
        """
        select month_start_date, deal_type, referral_revenue
        from sales.rpt_revenue_monthly
        where referral_revenue <> 0
        """,
        """
        select cast(date_trunc('month', closed_date) as date), deal_type, sum(amount_reporting)
        from sales.fct_deals
        where is_won and is_referral
        group by all
        having sum(amount_reporting) <> 0
        """,
    ),
    "average_revenue_per_customer": (
        """
        select
            month_start_date, average_revenue_per_customer, customers, new_customers, repeat_customers, repeat_revenue
        from sales.rpt_customers_monthly
        where deals > 0
        """,
        """
        with bought as (
            select
                deal_key, coalesce(person_key, company_key, deal_key) as buyer,
                row_number() over (partition by buyer order by closed_at, deal_key) as place
            from sales.fct_deals
            where is_won and coalesce(amount, 0) >= 0
        )
        select
            cast(date_trunc('month', closed_date) as date),
            case
                when bool_and(amount is null or amount_reporting is not null)
                    then cast(sum(amount_reporting) / nullif(count(distinct buyer), 0) as decimal(18, 2))
            end,
            count(distinct buyer),
            count(distinct buyer) filter (where place = 1),
            count(distinct buyer) filter (where place > 1),
            coalesce(sum(amount_reporting) filter (where place > 1), 0)
        from sales.fct_deals
        left join bought using (deal_key)
        where is_won
        group by all
        """,
    ),
    "average_cycle_days": (
        """
        select period_start_date, average_cycle_days
        from sales.rpt_sales_velocity
        where level = 'company' and period = 'month' and average_cycle_days is not null
        """,
        """
        select cast(date_trunc('month', closed_date) as date), avg(cycle_days)
        from sales.fct_deals
        where is_won and coalesce(amount, 0) >= 0
        group by all
        """,
    ),
    "median_response_seconds": (
        """
        select month_start_date, segment, median_response_seconds
        from alignment.rpt_sla_monthly
        where median_response_seconds is not null
        """,
        """
        select cast(date_trunc('month', qualified_at) as date), sla_segment, median(response_business_seconds)
        from alignment.fct_handoffs
        where response_business_seconds is not null
        group by all
        """,
    ),
    "recurring_revenue": (
        "select month_start_date, recurring_revenue from sales.rpt_revenue_monthly where recurring_revenue <> 0",
        """
        with months as (
            select month_start_date, subscription_key, max_by(mrr_reporting, changed_at) as mrr_reporting
            from sales.fct_subscriptions
            inner join (select distinct month_start_date from sales.rpt_revenue_monthly)
                on date_trunc('month', changed_date) <= month_start_date
            group by all
        )
        select month_start_date, sum(mrr_reporting) from months group by all having sum(mrr_reporting) <> 0
        """,
    ),
    "churned_revenue": (
        "select month_start_date, churned_revenue from sales.rpt_revenue_monthly where churned_revenue <> 0",
        """
        with changes as (
            select *, lag(mrr_reporting) over (partition by subscription_key order by changed_at) as lost
            from sales.fct_subscriptions
        )
        select cast(date_trunc('month', changed_date) as date), sum(lost) from changes where mrr = 0 group by all
        """,
    ),
    "pipeline": (
        """
        select stage, owner_key, amount_reporting
        from sales.rpt_pipeline
        where as_of_date = (select max(as_of_date) from sales.rpt_pipeline) and deals > 0
        """,
        """
        select stage, coalesce(owner_key, ''), coalesce(sum(amount_reporting), 0)
        from sales.fct_deals
        where not is_closed and deleted_at is null
        group by all
        """,
    ),
    "weighted_pipeline": (
        """
        select stage, owner_key, weighted_amount
        from sales.rpt_pipeline
        where as_of_date = (select max(as_of_date) from sales.rpt_pipeline) and deals > 0
        """,
        """
        select
            stage,
            coalesce(owner_key, ''),
            coalesce(sum(cast(round(amount_reporting * probability::decimal(20, 12), 2) as decimal(18, 2))), 0)
        from sales.fct_deals
        where not is_closed and deleted_at is null
        group by all
        """,
    ),
    "median_cycle_days": (
        """
        select stage, owner_key, median_cycle_days
        from sales.rpt_pipeline
        where as_of_date = (select max(as_of_date) from sales.rpt_pipeline) and median_cycle_days is not null
        union all
        select cast(period_start_date as varchar), '', median_cycle_days
        from sales.rpt_sales_velocity
        where level = 'company' and period = 'month' and median_cycle_days is not null
        """,
        """
        select stages.stage, coalesce(owner_key, ''), median(cycle_days)
        from (select distinct deal_key, stage from sales.fct_deal_stages) as stages
        inner join sales.fct_deals using (deal_key)
        where
            is_won and stages.stage not in ('customer', 'lost') and coalesce(amount, 0) >= 0 and cycle_days is not null
        group by all
        union all
        select cast(cast(date_trunc('month', closed_date) as date) as varchar), '', median(cycle_days)
        from sales.fct_deals
        where is_won and coalesce(amount, 0) >= 0 and cycle_days is not null
        group by all
        """,
    ),
    "bookings": (
        "select period_start, period_end, bookings from sales.rpt_quota_attainment where level = 'company'",
        """
        select period_start, period_end, coalesce(sum(amount_reporting), 0)
        from (select distinct period_start, period_end from sales.rpt_quota_attainment)
        left join sales.fct_deals on is_won and closed_date between period_start and period_end
        group by all
        """,
    ),
}
# Where a ratio may be empty in every row of its table: a quota that is reached needs no more pipeline, and a period
# that is over has none.
EMPTY_WHERE = {"pipeline_coverage": "bookings >= target or target is null or pipeline_open is null"}
# Money without an exchange rate (table, column, its value without and with one) and the ratios that then say nothing.
SPEND_RATIOS = [
    "cost_per_click",
    "cost_per_lead",
    "cost_per_qualified_lead",
    "cost_per_opportunity",
    "customer_acquisition_cost",
]
QUOTA_RATIOS = ["quota_attainment", "rep_quota_attainment", "pipeline_coverage"]
RETENTION_RATIOS = ["net_revenue_retention", "gross_revenue_retention"]
WITHOUT_A_RATE = {
    "marketing.rpt_channel_performance unconverted_spend_rows 1 0": [*SPEND_RATIOS, "return_on_ad_spend"],
    "marketing.rpt_channel_performance unconverted_credits 1 0": ["return_on_ad_spend"],
    "marketing.rpt_return_by_model unconverted_spend_rows 1 0": ["return_on_ad_spend_by_model"],
    "marketing.rpt_return_by_model unconverted_deals 1 0": ["return_on_ad_spend_by_model"],
    "marketing.rpt_budget_attainment unconverted_rows 1 0": ["budget_attainment"],
    "sales.rpt_quota_attainment unconverted_quotas 1 0": QUOTA_RATIOS,
    "sales.rpt_quota_attainment unconverted_deals 1 0": QUOTA_RATIOS,
    "sales.rpt_quota_attainment unconverted_open_deals 1 0": ["pipeline_coverage"],
    "sales.rpt_sales_velocity unconverted_deals 1 0": ["average_won_amount", "sales_velocity", "win_rate_by_amount"],
    "sales.rpt_mrr_monthly unconverted_subscriptions 1 0": ["average_mrr_per_customer"],
    "sales.rpt_mrr_monthly unconverted_changes 1 0": ["gross_churn_rate"],
    "sales.rpt_mrr_monthly opening_unconverted_subscriptions 1 0": ["gross_churn_rate"],
    "sales.rpt_revenue_retention unconverted_openings 1 0": RETENTION_RATIOS,
    "sales.rpt_revenue_retention unconverted_subscriptions 1 0": RETENTION_RATIOS,
    "sales.fct_deals amount_reporting null 900": ["average_revenue_per_customer"],
}


@pytest.fixture(scope="module")
def known_rows(tmp_path_factory: pytest.TempPathFactory, parsed: Path) -> SemanticLayer:
    folder = tmp_path_factory.mktemp("known_rows")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(Path(__file__).with_name("known_rows.sql").read_text())
    return SemanticLayer(folder / "warehouse.duckdb", parsed, profiles=folder)


def test_every_metric_has_a_known_answer(known_rows: SemanticLayer):
    assert known_rows.metrics() == KNOWN.keys()


@pytest.mark.parametrize("metric", KNOWN)
def test_metric_is_right_on_known_rows(known_rows: SemanticLayer, metric: str):
    ((answer,),) = known_rows.ask([metric])
    assert float(answer) == pytest.approx(KNOWN[metric], abs=1e-9)


def test_ratio_over_nothing_is_empty(known_rows: SemanticLayer):
    of_tv = [row for row in known_rows.ask(["cost_per_lead"], ["channel_performance__channel"]) if row[0] == "tv"]
    assert of_tv == [("tv", None)]


@pytest.mark.parametrize("without", WITHOUT_A_RATE)
def test_ratios_of_money_are_empty_exactly_where_some_has_no_rate(known_rows: SemanticLayer, without: str):
    table, column, no_rate, a_rate = without.split()
    ratios = sorted({ratio for ratios in WITHOUT_A_RATE.values() for ratio in ratios})
    known_rows.change(f"update {table} set {column} = {no_rate} where {column} = {a_rate}")
    answers = {ratio: known_rows.ask([ratio]) for ratio in ratios}
    known_rows.change(f"update {table} set {column} = {a_rate} where {column} is not distinct from {no_rate}")
    assert [ratio for ratio, answer in answers.items() if answer == [(None,)]] == sorted(WITHOUT_A_RATE[without])


def test_semantic_layer_answers_what_the_marts_say_month_by_month(night: Night, parsed: Path, tmp_path: Path):
    # Its connection may write, and one process opens a file in one way only.
    layer = SemanticLayer(Path(shutil.copy(night.warehouse, tmp_path)), parsed, profiles=tmp_path)
    metrics = night.rows("select metric, formula, source_table from core.metric_definitions order by metric")
    assert {metric for metric, _, _ in metrics} == layer.metrics()
    for metric, formula, table in metrics:
        published = dict(night.rows(_by_month(formula, table, layer.times()[table])))
        answered = {month.date(): value for month, value in layer.ask([metric], ["metric_time__month"]) if month}
        assert any(value is not None for value in published.values()) or metric in EMPTY_WHERE, metric
        for month in published.keys() | answered.keys():
            value = published.get(month)
            assert answered.get(month) == (value and pytest.approx(value)), f"{metric} of {month}: {formula}"


def _by_month(formula: str, table: str, time: str) -> str:
    """The formula as SQL over the months of its table."""
    month = f"cast(date_trunc('month', {time}) as date)"
    formula = formula.replace(f"{time} is the last", f"{time} = last_of_month")
    return f"""
        select {month} as month, cast({formula} as double) as value
        from (select *, max({time}) over (partition by {month}) as last_of_month from {table})
        where {time} is not null
        group by month
    """


COLUMNS_ONLY = r"[\w()+/*,=> -]+"


def test_every_published_ratio_equals_its_formula_on_every_row(night: Night):
    ratios = night.rows("""
        select metric, formula, source_table, source_column from core.metric_definitions
        where formula like '% / %' and source_column is not null
    """)
    for metric, formula, table, column in ratios:
        # On one row a sum is its column.
        expression = re.sub(r" filter \(where [^)]*\)", "", re.sub(r"sum\(([^()]+)\)", r"(\1)", formula))
        assert re.fullmatch(COLUMNS_ONLY, expression), f"{metric} is not in columns: {formula}"
        is_empty = f"coalesce({EMPTY_WHERE.get(metric, 'false')}, false)"
        # Money is rounded to cents.
        rows, due, empty, wrong = night.rows(f"""
            select
                count({column}),
                count(*) filter (where not {is_empty}),
                count(*) filter (where {column} is null and {expression} is not null),
                count(*) filter (
                    where {column} is not null
                    and coalesce(
                        abs({column} - {expression}) > if(typeof({column}) like 'DECIMAL%', 0.00501, 0.000000001), true
                    )
                )
            from {table}
        """)[0]
        assert (empty, wrong) == (0, 0), f"{metric}: {table}.{column} is not {formula}"
        assert rows or not due, f"{metric} is empty in every row of {table}, of which {due} should tell it"


@pytest.mark.parametrize("metric", IN_WORDS)
def test_what_a_formula_says_in_words_is_what_is_published(night: Night, metric: str):
    published, computed = (sorted(night.rows(query), key=str) for query in IN_WORDS[metric])
    assert published == computed
    assert published


def test_a_quota_that_is_reached_needs_no_coverage(known_rows: SemanticLayer):
    known_rows.change("update sales.rpt_quota_attainment set bookings = bookings + 1000")
    answer = known_rows.ask(["pipeline_coverage"])
    known_rows.change("update sales.rpt_quota_attainment set bookings = bookings - 1000")
    assert answer == [(None,)]


def test_people_are_not_added_up_over_the_stages_they_passed(night: Night):
    cumulative = night.rows("""
        select metric from core.metric_definitions
        where is_additive and source_table in ('marketing.rpt_funnel_cohorts', 'marketing.rpt_funnel_segments')
    """)
    assert not cumulative


def test_no_ratio_is_told_to_be_additive(night: Night):
    additive = night.rows("select metric, formula from core.metric_definitions where is_additive")
    assert not [metric for metric, formula in additive if ") / " in formula]
