"""Is what arrived plausible and complete? One line a rule, for each table of raw.

Every source is held against its own past nights (`volumes`, noted by each load) and days; a source without a past, or a
table that was always empty, never fails. A night loaded with SOURCES__ACCEPT_FEWER_ROWS=true starts a new past.
"""

from expectations.rules import WARNING, Rule, Suite, between, filled, never, no_row, suite
from ingestion import SOURCES
from ingestion.settings import raw_file
from ingestion.windows import IMPLAUSIBLE_SHARE, JUDGED_ROWS


def suites() -> dict[str, Suite]:
    """The suites of the sources that have a raw file."""
    return {table: suite for table, suite in SUITES.items() if raw_file(table.partition(".")[0]).exists()}


def fresh(source: str) -> Rule:
    """A configured source was loaded for the business day."""
    return no_row(
        f"""
        select max(as_of) as loaded_for from {{batch}}
        where (select is_configured from {source}.raw.configuration) having max(as_of) < as_of()
        """,
        "was loaded for the business day",
        WARNING,
    )


def as_many_rows_as_usual() -> Rule:
    """No table shrank to a fraction of what it had in the seven nights before its newest."""
    return no_row(
        f"""
        with nights as (
            select *, row_number() over (partition by table_name order by as_of desc) as night from {{batch}}
        ),
        usual as (
            select table_name, median("rows") as usual_rows from nights where night between 2 and 8 group by table_name
        )
        select table_name, "rows", usual_rows from nights join usual using (table_name)
        where
            night = 1 and table_name != 'bad_rows'
            and usual_rows >= {JUDGED_ROWS} and "rows" < {IMPLAUSIBLE_SHARE} * usual_rows
        """,
        "has about as many rows as in the nights before",
    )


def as_many_days_as_usual(source: str, day: str) -> Rule:
    """The newest week loaded has more than a fraction of the rows that the four weeks before had on average."""
    return no_row(
        f"""
        with days as (
            select {day} as day, (select least(as_of(), max(as_of)) from {source}.raw.loads) as newest from {{batch}}
        ),
        weeks as (
            select
                count(*) filter (where day > newest - 7 and day <= newest) as newest_week_rows,
                count(*) filter (where day > newest - 35 and day <= newest - 7) / 4 as usual_week_rows
            from days
        )
        select newest_week_rows, usual_week_rows from weeks
        where usual_week_rows >= {JUDGED_ROWS} and newest_week_rows < {IMPLAUSIBLE_SHARE} * usual_week_rows
        """,
        "has about as many rows in the newest week as in the weeks before",
    )


def no_dearer_than_campaigns(source: str, keys: str, cost: str) -> Rule:
    """On no day do a campaign's parts cost more than it does; the platforms round each on its own."""
    return no_row(
        f"""
        with parts as (select {keys}, sum({cost}) as parts_cost from {{batch}} group by all)
        select {keys}, parts_cost, {cost} from parts join {source}.raw.campaign_daily using ({keys})
        where parts_cost > 1.01 * {cost}
        """,
        "a campaign's parts cost no more than it does",
        WARNING,
    )


def google_ads_days(ids: str, *rules: Rule) -> Suite:
    """A report of Google Ads by day; `ids` are what a row is of."""
    return suite(
        f"{ids}, segments_date",
        as_many_days_as_usual("google_ads", "segments_date"),
        between("cost_micros", 0, 1e12),
        never("clicks > impressions", "no more clicks than impressions", WARNING),
        *rules,
    )


def meta_ads_days(ids: str, *rules: Rule) -> Suite:
    """A report of Meta by day; `ids` are what a row is of."""
    return suite(
        f"{ids}, date_start",
        as_many_days_as_usual("meta_ads", "date_start"),
        between("spend", 0, 1e6),
        never("clicks > impressions", "no more clicks than impressions", WARNING),
        *rules,
    )


def readable(column: str, data_type: str, promise: str) -> Rule:
    """Text that the staging models read as `data_type`: what they cannot read is null there, and counted here."""
    return never(f"try_cast({column} as {data_type}) is null and {column} != ''", promise, WARNING)


def moment(column: str) -> Rule:
    """Text that tells a moment as HubSpot does: ISO 8601 or milliseconds since 1970."""
    return never(
        f"try_cast({column} as timestamp) is null and try_cast({column} as bigint) is null and {column} != ''",
        f"{column} is a moment",
        WARNING,
    )


FRESHNESS = {f"{source}.raw.loads": suite("as_of", fresh(source)) for source in SOURCES}
VOLUME = {f"{source}.raw.volumes": suite("as_of, table_name", as_many_rows_as_usual()) for source in SOURCES}
GOOGLE_PARTS = no_dearer_than_campaigns("google_ads", "customer_id, campaign_id, segments_date", "cost_micros")
META_PARTS = no_dearer_than_campaigns("meta_ads", "account_id, campaign_id, date_start", "spend")
# fmt: off
DELIVERED: dict[str, Suite] = {
    "files.raw.bad_rows": suite(
        "table_name, file, line",
        no_row("select file, line, reason from {batch}", "no row was kept aside", WARNING),
    ),
    "files.raw.file_list": suite(
        "file, table_name",
        never("table_name is null", "every file is a table of the contract", WARNING),
        never("ignored_columns is not null", "every column is one of the contract's", WARNING),
        never('"rows" >= 20 and bad_rows > 0.5 * "rows"', "not half of a file is bad"),
    ),
    "files.raw.deals": suite(
        "deal_id",
        filled("stage", 0.9),
        between("amount", -1e9, 1e9),
        never("closed_at < created_at", "a deal is closed after it was created", WARNING),
    ),
    "files.raw.touches": suite("touch_id", filled("person_id", 0.9), filled("touched_at")),
    "files.raw.spend": suite("spend_id", filled("amount"), filled("start_date"), between("amount", -1e8, 1e8)),
    "files.raw.fx_rates": suite("rate_date, from_currency, to_currency", filled("rate"), between("rate", 1e-6, 1e6)),
    "google_ads.raw.accounts": suite("customer_id", filled("currency_code")),
    "google_ads.raw.campaigns": suite(
        "customer_id, campaign_id",
        readable("substr(start_date_time, 1, 10)", "date", "a campaign starts on a day"),
        readable("substr(end_date_time, 1, 10)", "date", "a campaign ends on a day"),
    ),
    "google_ads.raw.campaign_daily": google_ads_days("customer_id, campaign_id"),
    "google_ads.raw.ad_group_daily": google_ads_days("customer_id, ad_group_id", GOOGLE_PARTS),
    "google_ads.raw.ad_daily": google_ads_days("customer_id, ad_group_id, ad_id", GOOGLE_PARTS),
    "meta_ads.raw.accounts": suite("account_id", filled("currency")),
    "meta_ads.raw.campaigns": suite(
        "campaign_id",
        readable("substr(start_time, 1, 10)", "date", "a campaign starts on a day"),
        readable("substr(stop_time, 1, 10)", "date", "a campaign ends on a day"),
    ),
    "meta_ads.raw.campaign_daily": meta_ads_days("account_id, campaign_id"),
    "meta_ads.raw.adset_daily": meta_ads_days("account_id, adset_id", META_PARTS),
    "meta_ads.raw.ad_daily": meta_ads_days("account_id, adset_id, ad_id", META_PARTS),
    "google_analytics.raw.sessions_daily": suite(
        "property_id, date, session_default_channel_group, session_source, session_medium, session_campaign_name",
        as_many_days_as_usual("google_analytics", "date"),
        between("sessions", 0, None),
        never("engaged_sessions > sessions", "no more engaged sessions than sessions", WARNING),
    ),
    "mailchimp.raw.reports": suite(
        "campaign_id",
        between("emails_sent", 0, None),
        never("hard_bounces + soft_bounces > emails_sent", "no more bounces than emails", WARNING),
    ),
    "mailchimp.raw.email_activity": suite("event_id", filled("email_id"), filled("timestamp")),
    "facebook_pages.raw.page_daily": suite("page_id, date", as_many_days_as_usual("facebook_pages", "date")),
    "facebook_pages.raw.instagram_daily": suite("instagram_id, date", as_many_days_as_usual("facebook_pages", "date")),
    "hubspot.raw.contacts": suite("id", filled("lifecyclestage", 0.5), filled("createdate")),
    "hubspot.raw.contact_history": suite("id, property, changed_at, value", filled("changed_at")),
    "hubspot.raw.deals": suite(
        "id",
        filled("dealstage"),
        filled("amount", 0.5),
        readable("amount", "decimal(18, 2)", "an amount is a number"),
        readable("hs_deal_stage_probability", "double", "a probability is a number"),
        moment("closedate"),
    ),
    "hubspot.raw.pipeline_stages": suite(
        "object_type, pipeline_id, stage_id", readable("probability", "double", "a probability is a number")
    ),
    "hubspot.raw.calls": suite("id", moment("hs_timestamp")),
    "hubspot.raw.meetings": suite("id", moment("hs_timestamp"), moment("hs_meeting_start_time")),
    "hubspot.raw.emails": suite("id", moment("hs_timestamp")),
    "hubspot.raw.tasks": suite("id", moment("hs_timestamp")),
}
# fmt: on
SUITES: dict[str, Suite] = FRESHNESS | VOLUME | DELIVERED
