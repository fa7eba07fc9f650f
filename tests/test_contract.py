"""What readers rely on: every published table has the columns promised to them, of the types promised.

More columns may be added; these are never renamed or dropped. Whether the tables built are as declared, dbt's enforced
contracts see to.
"""

import pytest

WORDS, MONEY, SHARE = "varchar", "decimal(18,2)", "decimal(38,12)"
SPELL = {
    "stage": "varchar",
    "stage_rank": "integer",
    "temperature": "varchar",
    "owned_by": "varchar",
    "entered_at": "timestamp",
    "exited_at": "timestamp",
    "duration_seconds": "bigint",
    "previous_stage": "varchar",
    "movement": "varchar",
    "skipped_stages": "integer",
    "entry_number": "integer",
    "is_current": "boolean",
    "is_inferred": "boolean",
    "source": "varchar",
}
PERFORMANCE = {
    "spend_reporting": MONEY,
    "impressions": "bigint",
    "clicks": "bigint",
    "sessions": "bigint",
    "leads": "bigint",
    "qualified_leads": "bigint",
    "opportunities": "bigint",
    "customers": "bigint",
    "revenue": MONEY,
    "unconverted_deals": "bigint",
    "attributed_revenue": MONEY,
    "unconverted_credits": "bigint",
    "cost_per_lead": MONEY,
    "cost_per_qualified_lead": MONEY,
    "cost_per_opportunity": MONEY,
    "customer_acquisition_cost": MONEY,
    "return_on_ad_spend": "double",
}


def words(*columns: str) -> dict[str, str]:
    return dict.fromkeys(columns, WORDS)


def counts(*columns: str) -> dict[str, str]:
    return dict.fromkeys(columns, "bigint")


def money(*columns: str) -> dict[str, str]:
    return dict.fromkeys(columns, MONEY)


def flags(*columns: str) -> dict[str, str]:
    return dict.fromkeys(columns, "boolean")


def moments(*columns: str) -> dict[str, str]:
    return dict.fromkeys(columns, "timestamp")


def days(*columns: str) -> dict[str, str]:
    return dict.fromkeys(columns, "date")


def ratios(*columns: str) -> dict[str, str]:
    return dict.fromkeys(columns, "double")


AD_LEVEL = (
    days("activity_date")
    | money("spend", "spend_reporting")
    | {"fx_rate": SHARE, "platform_conversions": MONEY}
    | counts("impressions", "clicks")
    | flags("is_difference")
)
PROMISED = {
    "core.dim_people": words(
        "person_key", "company_key", "current_stage", "temperature", "owned_by", "segment", "country"
    )
    | words("original_channel", "original_campaign_key")
    | moments("created_at")
    | flags("is_customer", "is_active_customer", "has_referred"),
    "core.dim_companies": words("company_key", "segment", "country", "industry") | flags("is_customer"),
    "core.dim_campaigns": words(
        "campaign_key", "platform", "account_id", "campaign_id", "campaign_name", "channel", "currency", "status"
    ),
    "core.dim_channels": words("channel", "channel_group") | flags("is_paid", "is_offline"),
    "core.dim_dates": days("date_day", "week_start_date", "month_start_date", "quarter_start_date")
    | words("fiscal_quarter")
    | flags("is_business_day"),
    "core.fct_lead_stages": words("lead_stage_key", "person_key") | SPELL | {"spell_number": "integer"},
    "core.fct_touches": words("touch_key", "person_key", "touch_type", "channel", "campaign_key")
    | words("department", "source")
    | moments("touched_at"),
    "core.rpt_stage_daily": words("channel", "stage") | days("date_day") | counts("people"),
    "core.rpt_stage_transitions": words("from_stage", "to_stage", "channel")
    | days("month_start_date")
    | counts("transitions", "total_seconds", "min_seconds", "max_seconds")
    | ratios("mean_seconds", "median_seconds"),
    "core.metric_definitions": words("metric", "description", "department", "formula", "unit", "grain", "source_table")
    | flags("is_additive"),
    "marketing.fct_spend": words("spend_key", "platform", "account_id", "campaign_key", "channel", "currency")
    | days("activity_date")
    | money("spend", "spend_reporting", "spend_constant_currency")
    | {"fx_rate": SHARE, "constant_fx_rate": SHARE, "platform_conversions": MONEY}
    | counts("impressions", "clicks")
    | flags("is_offline"),
    "marketing.fct_spend_ad_groups": words("campaign_key", "ad_group_key", "ad_group_id", "ad_group_name", "channel")
    | words("currency")
    | AD_LEVEL,
    "marketing.fct_spend_ads": words(
        "campaign_key", "ad_group_key", "ad_key", "ad_id", "ad_name", "channel", "currency"
    )
    | AD_LEVEL,
    "marketing.fct_flights": words("flight_key", "spend_id", "platform", "campaign_key", "channel", "region")
    | words("currency")
    | days("first_date", "last_date")
    | {"days": "integer"}
    | money("amount", "spent", "to_come")
    | counts("impressions", "clicks", "reach"),
    "marketing.fct_attribution": words("conversion_key", "conversion_type", "person_key", "attribution_model")
    | words("touch_key", "channel", "campaign_key")
    | moments("converted_at")
    | {"weight": SHARE}
    | money("conversion_value", "attributed_value"),
    "marketing.rpt_attribution_channels": words("conversion_type", "attribution_model", "channel")
    | days("period_start")
    | {"conversions": SHARE}
    | money("conversion_value")
    | ratios("removal_effect"),
    "marketing.rpt_attribution_disagreement": words("channel", "lowest_model", "highest_model")
    | days("period_start")
    | money("lowest_value", "highest_value", "default_value", "spread")
    | {"spread_rank": "integer"},
    "marketing.rpt_attribution_rate": words("conversion_type")
    | days("month_start_date")
    | counts("conversions", "attributed", "unattributed")
    | money("conversion_value", "attributed_value", "unattributed_value")
    | ratios("attribution_rate", "value_attribution_rate"),
    "marketing.rpt_platform_claims": words("platform", "channel")
    | days("month_start_date")
    | {"platform_conversions": MONEY, "own_leads": SHARE, "own_customers": SHARE}
    | ratios("over_claim_ratio"),
    "marketing.fct_email_daily": words("campaign_key")
    | days("activity_date")
    | counts("sent", "delivered", "human_opens", "clicks", "machine_clicks", "unsubscribes"),
    "marketing.rpt_email_lists_daily": words("list_id")
    | days("activity_date")
    | counts("subscribers", "joined", "unsubscribed", "bounced", "archived"),
    "marketing.fct_email_consents": words("person_key", "list_id", "status", "withdrawal", "withdrawn_by")
    | moments("consented_at", "withdrawn_at", "unreached_at")
    | flags("is_subscribed"),
    "marketing.fct_social_posts": words("account_id", "post_id", "permalink")
    | moments("posted_at")
    | counts("views", "reach", "engagements", "likes", "comments", "shares", "saves", "clicks")
    | ratios("engagement_rate", "share_rate"),
    "marketing.rpt_brand_awareness": words("platform", "account_id")
    | days("month_start_date")
    | counts("sessions", "direct_sessions", "branded_search_sessions", "new_visitors", "followers")
    | counts("views", "engagements", "engagements_with_views")
    | ratios("direct_share", "branded_search_share", "engagement_rate"),
    "marketing.fct_social_daily": words("account_id")
    | days("activity_date")
    | counts("views", "reach", "engagements", "followers"),
    "marketing.fct_web_daily": words("channel")
    | days("activity_date")
    | counts("sessions", "engaged_sessions")
    | {"key_events": "decimal(18,2)"},
    "marketing.rpt_channel_performance": words("channel") | days("activity_date") | PERFORMANCE,
    "marketing.rpt_channel_performance_periods": words("channel", "period")
    | days("period_start_date", "period_end_date")
    | flags("is_complete")
    | PERFORMANCE,
    "marketing.rpt_channel_performance_cohorts": words("channel") | days("cohort_month") | PERFORMANCE,
    "marketing.rpt_campaign_performance_cohorts": words("campaign_key") | days("cohort_month") | PERFORMANCE,
    "marketing.rpt_campaign_performance": words("campaign_key") | days("activity_date") | PERFORMANCE,
    "marketing.rpt_campaign_performance_periods": words("campaign_key", "period")
    | days("period_start_date", "period_end_date")
    | flags("is_complete")
    | PERFORMANCE,
    "marketing.rpt_return_by_model": words("channel", "attribution_model")
    | days("month_start_date")
    | money("spend_reporting", "attributed_revenue", "cost_per_lead", "cost_per_qualified_lead")
    | money("cost_per_opportunity", "customer_acquisition_cost")
    | {"attributed_leads": SHARE, "attributed_qualified_leads": SHARE, "attributed_opportunities": SHARE}
    | {"attributed_customers": SHARE}
    | counts("unconverted_deals")
    | ratios("return_on_ad_spend"),
    "marketing.rpt_spend_bridge": words("component", "currency")
    | days("month_start_date")
    | money("amount")
    | counts("campaigns"),
    "marketing.rpt_budget_attainment": words("level", "channel", "team")
    | days("month_start_date")
    | money("budget", "expected_by_now", "spend_reporting")
    | ratios("attainment", "attainment_by_now"),
    "marketing.rpt_lead_generation": words("channel", "campaign_key", "segment")
    | days("month_start_date")
    | counts("leads", "qualified_leads", "opportunities", "customers"),
    "marketing.rpt_funnel_cohorts": words("channel", "stage")
    | days("cohort_month")
    | counts("entered", "reached")
    | ratios("conversion_rate", "median_days", "maturity"),
    "marketing.rpt_funnel_segments": words("channel", "segment", "stage")
    | days("cohort_month")
    | counts("entered", "reached")
    | ratios("conversion_rate", "median_days", "maturity"),
    "marketing.rpt_funnel_calendar": words("channel", "segment", "stage")
    | days("month_start_date", "cohort_month")
    | counts("reached"),
    "sales.fct_deals": words("deal_key", "person_key", "company_key", "owner_key", "currency", "stage", "crm_stage")
    | words("deal_type", "loss_reason", "customer_key")
    | {"purchase_number": "integer"}
    | money("amount", "amount_reporting")
    | ratios("probability")
    | moments("created_at")
    | days("closed_date")
    | flags("is_won", "is_closed", "is_referral"),
    "sales.fct_deal_stages": words("deal_stage_key", "deal_key") | SPELL,
    "sales.fct_activities": words("activity_key", "person_key", "deal_key", "owner_key", "activity_type")
    | words("direction", "status", "outcome")
    | moments("occurred_at")
    | flags("is_automated"),
    "sales.dim_owners": words("owner_key", "full_name", "team", "manager_key") | flags("is_active"),
    "sales.rpt_quota_attainment": words("owner_key", "team")
    | days("period_start", "period_end")
    | money("target", "bookings", "expected_by_now", "pipeline_open")
    | counts("unconverted_quotas", "unconverted_deals", "unconverted_open_deals")
    | ratios("attainment", "pipeline_coverage"),
    "sales.fct_subscriptions": words("subscription_key", "person_key", "company_key", "plan", "movement")
    | moments("changed_at")
    | money("mrr", "mrr_reporting")
    | {"unconverted_change": "integer"},
    "sales.rpt_revenue_monthly": words("deal_type")
    | days("month_start_date")
    | counts("customers", "unconverted_deals", "unconverted_subscriptions")
    | money("revenue", "average_revenue_per_customer", "recurring_revenue", "churned_revenue", "referral_revenue"),
    "sales.rpt_customers_monthly": days("month_start_date")
    | counts("deals", "customers", "new_customers", "repeat_customers", "unconverted_deals")
    | money("revenue", "new_revenue", "repeat_revenue", "refunds", "average_revenue_per_customer"),
    "sales.rpt_pipeline": words("stage", "owner_key")
    | days("as_of_date")
    | counts("deals")
    | money("amount_reporting", "weighted_amount")
    | ratios("win_rate", "median_cycle_days"),
    "sales.fct_deal_credits": words("deal_credit_key", "deal_key", "owner_key", "team")
    | {"share": SHARE}
    | flags("is_won", "is_closed", "is_unconverted")
    | days("closed_date")
    | money("amount_reporting"),
    "sales.rpt_sales_velocity": words("level", "period", "owner_key", "team", "deal_type")
    | flags("is_complete")
    | days("period_start_date")
    | counts("open_deals", "closed_deals", "won_deals", "won_cycle_days", "won_deals_with_cycle", "unconverted_deals")
    | money("closed_amount", "won_amount", "refunds", "average_won_amount", "sales_velocity")
    | ratios("win_rate", "win_rate_by_amount", "average_cycle_days", "median_cycle_days"),
    "sales.rpt_loss_reasons": words("stage", "loss_reason", "deal_type")
    | days("month_start_date")
    | counts("lost_deals", "objections")
    | money("lost_amount", "objection_amount"),
    "sales.rpt_pipeline_daily": words("stage", "owner_key")
    | days("as_of_date")
    | counts("opening_deals", "created_deals", "reopened_deals", "moved_in_deals", "moved_out_deals")
    | counts("won_deals", "lost_deals", "removed_deals", "closing_deals")
    | money("opening_amount", "created_amount", "reopened_amount", "moved_in_amount", "moved_out_amount")
    | money("won_amount", "lost_amount", "removed_amount", "amount_changes", "currency_effect", "closing_amount"),
    "sales.rpt_mrr_monthly": words("level", "plan")
    | days("month_start_date")
    | money("opening_mrr", "new_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr", "reactivation_mrr")
    | money("currency_effect", "closing_mrr")
    | counts("unconverted_changes", "unconverted_subscriptions", "opening_unconverted_subscriptions")
    | counts("opening_customers", "new_customers", "reactivated_customers", "churned_customers", "closing_customers"),
    "sales.rpt_revenue_retention": days("cohort_month", "month_start_date")
    | {"months_since": "integer"}
    | counts("customers", "active_customers", "unconverted_openings", "unconverted_subscriptions")
    | money("opening_mrr", "closing_mrr", "retained_mrr")
    | ratios("net_revenue_retention", "gross_revenue_retention", "customer_retention"),
    "sales.fct_referrals": words("person_key", "referrer_person_key", "first_referrer_person_key")
    | {"depth": "integer"}
    | flags("is_circular", "is_customer")
    | counts("won_deals", "unconverted_deals")
    | money("revenue"),
    "sales.rpt_referrals": words("referrer_person_key")
    | counts("people", "customers", "won_deals", "chain_people", "chain_customers")
    | counts("unconverted_deals", "chain_unconverted_deals", "unnamed_deals")
    | money("revenue", "chain_revenue", "unnamed_revenue")
    | {"chain_depth": "integer"},
    "sales.dim_contacts": words("person_key", "full_name", "email", "phone", "owner_key"),
    "sales.fct_identity_links": words(
        "person_key", "record_key", "source", "identifier_type", "identifier_hash", "rule"
    )
    | words("refusal_reason")
    | flags("is_bound")
    | moments("first_seen_at"),
    "alignment.fct_handoffs": words("person_key", "channel", "campaign_key", "verdict", "decision")
    | words("rejection_reason", "sla_version")
    | moments("qualified_at", "due_at", "first_response_at", "decided_at")
    | counts("response_business_seconds"),
    "alignment.rpt_sla_monthly": words("segment")
    | days("month_start_date")
    | counts("delivered_leads", "promised_leads_delivered", "handoffs", "met", "breached", "pending")
    | {"committed_leads": "decimal(18,2)", "expected_by_now": "decimal(18,2)"}
    | ratios("delivery_attainment", "follow_up_rate"),
    "alignment.rpt_lead_quality": words("channel", "campaign_key", "top_rejection_reason")
    | days("month_start_date")
    | counts("delivered", "accepted", "rejected", "never_worked", "opportunities", "won")
    | counts("won_deals", "unconverted_deals")
    | money("revenue", "cost", "cost_of_rejected"),
    "alignment.rpt_handoff_bridge": words("channel", "component") | days("month_start_date") | counts("leads"),
    "alignment.rpt_lead_quality_segments": words("channel", "campaign_key", "segment")
    | days("month_start_date")
    | counts("delivered", "accepted", "rejected", "never_worked", "opportunities", "won")
    | counts("won_deals", "unconverted_deals")
    | money("revenue", "cost", "cost_of_rejected"),
    "alignment.rpt_rejections": words("channel", "campaign_key", "segment", "rejection_reason")
    | days("month_start_date")
    | counts("rejected")
    | money("cost"),
    "alignment.rpt_disagreements": words("disagreement", "handoff_key", "person_key", "reason")
    | words("furthest_stage_afterwards")
    | moments("qualified_at", "disagreed_at", "last_touch_at", "handed_over_again_at", "became_customer_at")
    | counts("touches_before", "engaged_touches_before", "won_deals")
    | money("revenue"),
}


@pytest.fixture(scope="module")
def declared(manifest: dict) -> dict[str, dict[str, str]]:
    """The published tables as dbt declares them: types by column, by `schema.table`."""
    return {
        f"{node['schema']}.{node['name']}": {
            column["name"]: column["data_type"].replace(" ", "") for column in node["columns"].values()
        }
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }


@pytest.mark.parametrize("table", PROMISED)
def test_a_published_table_has_the_columns_promised(table: str, declared: dict[str, dict[str, str]]) -> None:
    found = {column: declared[table].get(column) for column in PROMISED[table]}
    assert found == PROMISED[table]


def test_every_published_table_is_promised(declared: dict[str, dict[str, str]]) -> None:
    assert declared.keys() == PROMISED.keys()


def test_a_columns_name_tells_its_type(declared: dict[str, dict[str, str]]) -> None:
    endings = {"_key": "varchar", "_id": "varchar", "_at": "timestamp", "_date": "date"}
    wrong = [
        f"{table}.{column} is {data_type}"
        for table, columns in declared.items()
        for column, data_type in columns.items()
        for ending, promised in endings.items()
        if column.endswith(ending) and data_type != promised
    ]
    assert not wrong


def test_personal_data_stands_in_sales_contacts_only(declared: dict[str, dict[str, str]]) -> None:
    personal = {"email", "phone", "full_name", "first_name", "last_name", "ip"}
    found = {table for table, columns in declared.items() if personal & columns.keys()}
    assert found == {"sales.dim_contacts", "sales.dim_owners"}
