"""Every defined metric, computed from its formula, against the table in which it is published."""

import re

import pytest

from tests.warehouse.conftest import Night

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
            coalesce(sum(cast(round(amount_reporting * probability, 2) as decimal(18, 2))), 0)
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
        """,
        """
        select stages.stage, coalesce(owner_key, ''), median(cycle_days)
        from (select distinct deal_key, stage from sales.fct_deal_stages) as stages
        inner join sales.fct_deals using (deal_key)
        where is_won and stages.stage not in ('customer', 'lost') and cycle_days is not null
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
# A ratio says nothing where some spend has no exchange rate; a quota that is reached needs no more pipeline.
EMPTY_WHERE = {
    **dict.fromkeys(
        ["cost_per_click", "cost_per_lead", "cost_per_qualified_lead", "cost_per_opportunity"],
        "unconverted_spend_rows > 0",
    ),
    **dict.fromkeys(
        ["customer_acquisition_cost", "cost_of_rejected", "return_on_ad_spend", "return_on_ad_spend_by_model"],
        "unconverted_spend_rows > 0",
    ),
    "budget_attainment": "unconverted_rows > 0",
    "pipeline_coverage": "bookings >= target",
}
COLUMNS_ONLY = r"[\w()+/*, -]+"


def test_every_metric_equals_its_formula_on_every_row(night: Night):
    metrics = night.rows("select metric, formula, source_table, source_column from core.metric_definitions")
    in_columns = [metric for metric in metrics if metric[0] not in IN_WORDS]
    assert len(metrics) - len(in_columns) == len(IN_WORDS)
    for metric, formula, table, column in in_columns:
        # On one row a sum is its column; what would be divided by 0 is empty.
        expression = re.sub(r"sum\((\w+)\)", r"\1", formula).replace(" x ", " * ")
        expression = re.sub(r"/ (\w+|\([^)]*\))", r"/ nullif(\1, 0)", expression)
        assert re.fullmatch(COLUMNS_ONLY, expression), f"{metric} is neither in columns nor in words: {formula}"
        # Money is rounded to cents.
        rows, empty, wrong = night.rows(f"""
            select
                count({column}),
                count(*) filter (
                    where {column} is null and {expression} is not null
                    and not {EMPTY_WHERE.get(metric, "false")}
                ),
                count(*) filter (
                    where {column} is not null
                    and coalesce(
                        abs({column} - {expression}) > if(typeof({column}) like 'DECIMAL%', 0.00501, 0.000000001), true
                    )
                )
            from {table}
        """)[0]
        assert (empty, wrong) == (0, 0), f"{metric}: {table}.{column} is not {formula}"
        assert rows, f"{metric} is empty in every row of {table}"


@pytest.mark.parametrize("metric", IN_WORDS)
def test_what_a_formula_says_in_words_is_what_is_published(night: Night, metric: str):
    published, computed = (sorted(night.rows(query), key=str) for query in IN_WORDS[metric])
    assert published == computed
    assert published


def test_no_ratio_is_told_to_be_additive(night: Night):
    additive = night.rows("select metric, formula from core.metric_definitions where is_additive")
    assert not [metric for metric, formula in additive if ") / " in formula]
