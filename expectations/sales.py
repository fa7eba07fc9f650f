"""May this night be published? Deals equal what the CRMs told, and every row has its own key."""

from expectations.rules import CRITICAL, WARNING, Suite, between, never, no_row, suite

TOLD_DEALS = """
    select 'hubspot' as source, deal_id as source_deal_id, amount, is_won, closed_at
    from build.staging.stg_hubspot__deals
    union all
    select 'files', deal_id, amount, is_won, closed_at from build.staging.stg_files__deals
"""

# fmt: off
SUITES: dict[str, Suite] = {
    "sales.fct_deals": suite(
        "deal_key",
        between("probability", 0, 1, CRITICAL),
        between("amount", -1e8, 1e8),
        never("is_won and not is_closed", "a won deal is closed"),
        never("closed_date > as_of()", "nothing closes after the business day"),
        no_row(
            f"""
            select deal_key, deals.amount, told.amount as told from {{batch}} as deals
            left join ({TOLD_DEALS}) as told using (source, source_deal_id)
            where told.source_deal_id is null or (
                deals.amount is distinct from told.amount
                and not exists (
                    from build.staging.stg_hubspot__deal_history as later
                    where deals.source = 'hubspot' and later.deal_id = deals.source_deal_id
                    and later.property = 'amount' and later.changed_at >= as_of()
                )
            )
            """,
            "every amount is the one that the CRM told",
        ),
        no_row(
            f"""
            select deal_key from ({TOLD_DEALS}) as told join {{batch}} as deals using (source, source_deal_id)
            where told.is_won and told.closed_at < as_of() and not deals.is_won
            """,
            "what the CRM calls won is won",
            WARNING,
        ),
        no_row(
            """
            select currency, closed_date, count(*) as unconverted from {batch}
            where amount is not null and amount_reporting is null group by all
            """,
            "every amount has an exchange rate",
            WARNING,
        ),
    ),
    "sales.fct_deal_stages": suite("deal_stage_key", between("duration_seconds", 0, None, CRITICAL)),
    "sales.fct_activities": suite(
        "activity_key",
        never("cast(occurred_at as date) > as_of() + 1", "nothing is done after the business day"),
    ),
    "sales.dim_owners": suite("owner_key"),
    "sales.dim_contacts": suite("person_key"),
    "sales.fct_identity_links": suite(
        "identity_link_key",
        never("is_bound != (refusal_reason is null)", "what is refused has a reason, and nothing else has one"),
        no_row(
            """
            select identifier_type, count(*) as identifiers from (
                select identifier_type from {batch} where is_bound
                group by identifier_type, identifier_hash having count(distinct person_key) > 1
            ) group by all
            """,
            "an identifier that is bound belongs to one person",
        ),
        no_row(
            "select person_key, count(distinct record_key) as records from {batch} group by all having records > 50",
            "nobody is made of more than 50 records",
            WARNING,
        ),
    ),
    "sales.fct_subscriptions": suite("subscription_key, changed_at", between("mrr", 0, 1e8)),
    "sales.rpt_quota_attainment": suite(
        "quota_attainment_key",
        between("target", 0, None),
        no_row(
            """
            select period_start, period_end from {batch} group by period_start, period_end
            having sum(bookings) filter (where level = 'rep') != max(bookings) filter (where level = 'company')
            """,
            "the reps' bookings of a period sum to the company's",
        ),
    ),
    "sales.rpt_revenue_monthly": suite("month_start_date, deal_type"),
    "sales.rpt_customers_monthly": suite("month_start_date"),
    "sales.fct_deal_credits": suite("deal_credit_key"),
    "sales.rpt_sales_velocity": suite("sales_velocity_key"),
    "sales.rpt_loss_reasons": suite("loss_reason_key"),
    "sales.rpt_pipeline": suite("pipeline_key"),
    "sales.rpt_pipeline_daily": suite("pipeline_day_key"),
    "sales.rpt_mrr_monthly": suite("mrr_month_key"),
    "sales.rpt_revenue_retention": suite("revenue_retention_key"),
    "sales.fct_referrals": suite("person_key"),
    "sales.rpt_referrals": suite("referrer_key"),
}
# fmt: on
