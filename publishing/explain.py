"""What is behind a published number: `make explain METRIC=leads DATE=2026-06-30 CHANNEL=paid_search`.

Prints the number readers see, the rows of the ledger that make it - leads, handoffs, deals, shares of touches, lines
of spend - with their sum, the rule that gave a touch its channel, and the raw records behind them with the load that
brought each; of a ratio, both its sides and their quotient. Exits 1 if the rows do not add up to the number. Reads the
published files, the build they were copied from and raw; writes nothing. Shows keys and ids, nothing personal.
"""

import sys
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import yaml

from ingestion import SOURCES
from ingestion.settings import raw_file
from publishing.configured import instead
from publishing.nights import FILES, build_file, built_day_file, manifest, published_dir

Number = int | Decimal
SHOWN_ROWS = 25
# The columns in which a table says its period, and how long that is.
PERIODS = {
    "activity_date": "day",
    "as_of_date": "day",
    "week_start_date": "week",
    "month_start_date": "month",
    "cohort_month": "month",
    "period_start": "month",
}
VARS = Path("dbt_project/vars.yml")


class ExplainError(ValueError):
    """There is nothing to explain; the message says why and what to do."""


@dataclass(frozen=True)
class Behind:
    """Where a number stands, and the rows behind all numbers of its column.

    `rows` is a query of one row per thing counted: `day` and `channel` under which it counts, `amount` that it adds,
    the keys by which its touches and raw records are found, and what tells it apart.
    """

    table: str
    column: str
    day: str
    rows: str


CONVERSIONS = """
    select
        business_date(conversions.converted_at) as day, coalesce(people.original_channel, 'unattributed') as channel,
        1 as amount, conversions.person_key, conversions.deal_key, conversions.converted_at as moment,
        spells.stage, spells.lead_stage_key, spells.source, spells.is_inferred
    from build.intermediate.int_conversions__derived as conversions
    left join build.core.dim_people as people using (person_key)
    left join build.core.fct_lead_stages as spells
        on conversions.person_key = spells.person_key and conversions.converted_at = spells.entered_at
        and spells.stage_rank is not null
    where conversions.conversion_type = '{conversion_type}'
    qualify row_number() over (partition by conversions.conversion_key order by spells.stage_rank desc) = 1
"""
METRICS = {
    "spend": Behind(
        "marketing.rpt_channel_performance",
        "spend_reporting",
        "activity_date",
        """
        select
            spend.activity_date as day, coalesce(spend.channel, 'unattributed') as channel,
            coalesce(spend.spend_reporting, 0) as amount, spend.spend_key, spend.campaign_key, spend.platform,
            spend.account_id, campaigns.campaign_id, spend.spend, spend.currency, spend.fx_rate
        from build.marketing.fct_spend as spend
        left join build.core.dim_campaigns as campaigns using (campaign_key)
        """,
    ),
    **{
        metric: Behind(
            "marketing.rpt_channel_performance",
            metric,
            "activity_date",
            CONVERSIONS.format(conversion_type=conversion_type),
        )
        for metric, conversion_type in {
            "leads": "lead",
            "qualified_leads": "qualified",
            "opportunities": "opportunity",
            "customers": "customer",
        }.items()
    },
    "revenue": Behind(
        "marketing.rpt_channel_performance",
        "revenue",
        "activity_date",
        """
        select
            deals.closed_date as day, coalesce(people.original_channel, 'unattributed') as channel,
            coalesce(deals.amount_reporting, 0) as amount, deals.person_key, deals.deal_key, deals.closed_at as moment,
            deals.source, deals.source_deal_id, deals.amount as deal_amount, deals.currency
        from build.sales.fct_deals as deals
        left join build.core.dim_people as people using (person_key)
        where deals.is_won
        """,
    ),
    "attributed_revenue": Behind(
        "marketing.rpt_channel_performance",
        "attributed_revenue",
        "activity_date",
        """
        select
            business_date(shares.converted_at) as day, coalesce(shares.channel, 'unattributed') as channel,
            coalesce(shares.attributed_value, 0) as amount, shares.person_key, shares.deal_key,
            shares.converted_at as moment, shares.touch_key, round(shares.weight, 4) as weight, shares.conversion_value
        from build.marketing.fct_attribution as shares
        where conversion_type = 'won_deal' and attribution_model = getvariable('attribution_model')
        """,
    ),
    "handoffs": Behind(
        "alignment.rpt_lead_quality",
        "delivered",
        "month_start_date",
        """
        select
            cast(date_trunc('month', business_date(qualified_at)) as date) as day, channel, 1 as amount, person_key,
            qualified_at as moment, handoff_key, sla_version, due_at, first_response_at, verdict, decision
        from build.alignment.fct_handoffs
        """,
    ),
}
# Ratios of these numbers: numerator and denominator.
RATIOS = {
    "cost_per_lead": ("spend", "leads"),
    "cost_per_qualified_lead": ("spend", "qualified_leads"),
    "cost_per_opportunity": ("spend", "opportunities"),
    "customer_acquisition_cost": ("spend", "customers"),
    "return_on_ad_spend": ("attributed_revenue", "spend"),
}
# The touches of the people behind a number, up to its moment, and what gave each its channel.
TOUCHES = """
    select distinct
        touches.touch_key, touches.person_key, touches.touched_at, touches.touch_type, touches.channel,
        coalesce(
            'rule ' || origins.channel_rule_priority,
            if(touches.named_channel is not null, 'named by ' || touches.source, 'its own name or kind')
        ) as channel_by,
        touches.source, touches.source_touch_id
    from behind
    inner join build.intermediate.int_touches__channelled as touches on {found_by}
    left join build.intermediate.int_origins__channelled as origins
        on touches.named_channel is null
        and touches.source_name is not distinct from origins.source_name
        and touches.medium is not distinct from origins.medium
        and lower(touches.campaign) is not distinct from origins.campaign
        and touches.click_id_type is not distinct from origins.click_id_type
        and touches.channel = origins.channel
    order by touches.person_key, touches.touched_at
"""
NO_TOUCHES = "select null as touch_key where false"
SAME_TOUCH = "behind.touch_key = touches.touch_key"
EARLIER_TOUCHES = "behind.person_key = touches.person_key and touches.touched_at <= behind.moment"
# Raw records as source, table, id and load; each query finds them by columns of the rows behind.
RECORDS_OF_SPEND = """
    select spend_key as found_for, 'google_ads' as source, 'campaign_daily' as table_name,
        concat_ws(' ', customer_id, raw.campaign_id, segments_date) as record, _dlt_load_id
    from behind inner join google_ads.raw.campaign_daily as raw
        on behind.platform = 'google_ads' and behind.campaign_id = cast(raw.campaign_id as varchar)
        and behind.day = cast(raw.segments_date as date)
    union all
    select spend_key, 'meta_ads', 'campaign_daily', concat_ws(' ', raw.account_id, raw.campaign_id, date_start),
        _dlt_load_id
    from behind inner join meta_ads.raw.campaign_daily as raw
        on behind.platform = 'meta_ads' and behind.campaign_id = cast(raw.campaign_id as varchar)
        and behind.day = cast(raw.date_start as date)
    union all
    select spend_key, 'files', 'spend', raw.spend_id, _dlt_load_id
    from behind
    inner join build.intermediate.int_flights__spread as flights
        on behind.campaign_key = flights.campaign_key and behind.day = flights.activity_date
    inner join files.raw.spend as raw using (spend_id)
"""
RECORDS_OF_DEALS = """
    select deals.deal_key as found_for, 'hubspot' as source, 'deals' as table_name, raw.id as record, _dlt_load_id
    from behind
    inner join build.sales.fct_deals as deals using (deal_key)
    inner join hubspot.raw.deals as raw on deals.source = 'hubspot' and deals.source_deal_id = raw.id
    union all
    select deals.deal_key, 'files', 'deals', raw.deal_id, _dlt_load_id
    from behind
    inner join build.sales.fct_deals as deals using (deal_key)
    inner join files.raw.deals as raw on deals.source = 'files' and deals.source_deal_id = raw.deal_id
"""
RECORDS_OF_PEOPLE = """
    with records as (
        select distinct people.person_key, people.source as system, people.source_person_id, behind.moment
        from behind inner join build.intermediate.int_people__resolved as people using (person_key)
    )
    select person_key as found_for, 'hubspot' as source, 'contacts' as table_name, raw.id as record, _dlt_load_id
    from records inner join hubspot.raw.contacts as raw on system = 'hubspot' and source_person_id = raw.id
    union all
    select person_key, 'files', 'people', raw.person_id, _dlt_load_id
    from records inner join files.raw.people as raw on system = 'files' and source_person_id = raw.person_id
    union all
    select person_key, 'hubspot', 'contact_history', raw.id || ' ' || raw.property, _dlt_load_id
    from records inner join hubspot.raw.contact_history as raw
        on system = 'hubspot' and source_person_id = raw.id and cast(raw.changed_at as timestamp) = moment
        and raw.property in ('lifecyclestage', 'hs_lead_status')
    union all
    select person_key, 'hubspot', 'lead_history', raw.id || ' ' || raw.property, raw._dlt_load_id
    from records
    inner join hubspot.raw.lead_contacts as leads on system = 'hubspot' and source_person_id = leads.contact_id
    inner join hubspot.raw.lead_history as raw
        on leads.lead_id = raw.id and cast(raw.changed_at as timestamp) = moment and raw.property = 'hs_pipeline_stage'
    union all
    select person_key, 'hubspot', 'deal_history', raw.id || ' ' || raw.property, raw._dlt_load_id
    from records
    inner join hubspot.raw.deal_contacts as deals on system = 'hubspot' and source_person_id = deals.contact_id
    inner join hubspot.raw.deal_history as raw
        on deals.deal_id = raw.id and cast(raw.changed_at as timestamp) = moment and raw.property = 'dealstage'
    union all
    select person_key, 'files', 'stage_changes', raw.person_id || ' ' || raw.stage, _dlt_load_id
    from records inner join files.raw.stage_changes as raw
        on system = 'files' and source_person_id = raw.person_id and cast(raw.changed_at as timestamp) = moment
    union all
    select person_key, 'files', 'deals', raw.deal_id, _dlt_load_id
    from records inner join files.raw.deals as raw
        on system = 'files' and source_person_id = raw.person_id and cast(raw.closed_at as timestamp) = moment
"""
RECORDS_OF_TOUCHES = """
    with found as (select distinct touch_key, source as system, source_touch_id, touched_at from touches)
    select touch_key as found_for, 'files' as source, 'touches' as table_name, raw.touch_id as record, _dlt_load_id
    from found inner join files.raw.touches as raw on system = 'files' and source_touch_id = 'touch:' || raw.touch_id
    union all
    select touch_key, 'files', 'web_events', raw.event_id, _dlt_load_id
    from found inner join files.raw.web_events as raw on system = 'files' and source_touch_id = 'visit:' || raw.event_id
    union all
    select touch_key, 'files', 'people', raw.person_id, _dlt_load_id
    from found inner join files.raw.people as raw on system = 'files' and source_touch_id = 'origin:' || raw.person_id
    union all
    select touch_key, 'files', 'activities', raw.activity_id, _dlt_load_id
    from found inner join files.raw.activities as raw
        on system = 'files' and starts_with(source_touch_id, 'activity:' || raw.activity_id || ':')
    union all
    select touch_key, 'hubspot', 'calls', raw.id, _dlt_load_id
    from found inner join hubspot.raw.calls as raw
        on system = 'hubspot' and starts_with(source_touch_id, 'activity:call:' || raw.id || ':')
    union all
    select touch_key, 'hubspot', 'meetings', raw.id, _dlt_load_id
    from found inner join hubspot.raw.meetings as raw
        on system = 'hubspot' and starts_with(source_touch_id, 'activity:meeting:' || raw.id || ':')
    union all
    select touch_key, 'hubspot', 'contact_history', raw.id || ' ' || raw.property, _dlt_load_id
    from found inner join hubspot.raw.contact_history as raw
        on system = 'hubspot' and split_part(source_touch_id, ':', 1) in ('session', 'form')
        and raw.id = split_part(source_touch_id, ':', 2)
        and raw.property in ('hs_latest_source_timestamp', 'recent_conversion_date')
        and touched_at = coalesce(
            epoch_ms(try_cast(raw.value as bigint)), cast(try_cast(raw.value as timestamptz) as timestamp)
        )
    union all
    select touch_key, 'mailchimp', 'email_activity', raw.event_id, _dlt_load_id
    from found inner join mailchimp.raw.email_activity as raw
        on system = 'mailchimp' and raw.action = 'click' and cast(raw.timestamp as timestamp) = touched_at
        and raw.campaign_id = split_part(source_touch_id, ':', 3)
"""


class Explanation:
    """One connection on what readers see, the build it was copied from and raw, all read-only."""

    def __init__(self) -> None:
        night = manifest()
        if night is None:
            raise ExplainError("nothing is published yet: run `make nightly` first")
        built = built_day_file().read_text() if built_day_file().exists() and build_file().exists() else None
        if built != night["as_of"]:
            raise ExplainError(
                f"the build of the published night of {night['as_of']} is gone (build/ holds {built or 'none'}): "
                f"run `make build` with AS_OF={night['as_of']} first"
            )
        self.night = night
        self.connection = open_warehouse(build_file())
        for file in FILES:
            path = published_dir() / "current" / f"{file}.duckdb"
            self.connection.execute(f"attach '{path}' as seen_by_{file} (read_only)")

    def rows(self, query: str, parameters: list | None = None) -> tuple[list[str], list[tuple]]:
        """The names and rows of a query."""
        answer = self.connection.execute(query, parameters or [])
        return [column[0] for column in answer.description], answer.fetchall()

    def definition(self, metric: str) -> dict:
        """The metric as core.metric_definitions says it; ExplainError for one that is not there."""
        names, found = self.rows("select * from seen_by_sales.core.metric_definitions")
        definitions = {row[names.index("metric")]: dict(zip(names, row, strict=True)) for row in found}
        if metric not in definitions:
            raise ExplainError(f"there is no metric {metric!r}: {instead(metric, set(definitions))}")
        return definitions[metric]

    def seen(self, table: str) -> str:
        """A published table by its full name in a file that holds it."""
        file = next(name for name, schemas in FILES.items() if table.split(".")[0] in schemas)
        return f"seen_by_{file}.{table}"


def open_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    """A build and the raw files it came from, read-only, with what the queries here ask for."""
    settings = yaml.safe_load(VARS.read_text())["vars"]
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"attach '{path}' as build (read_only)")
    for source in SOURCES:
        connection.execute(f"attach '{raw_file(source)}' as {source} (read_only)")
    zone = settings["business_time_zone"]
    connection.execute(f"create macro business_date(x) as cast(x at time zone 'UTC' at time zone '{zone}' as date)")
    connection.execute(f"set variable attribution_model = '{settings['default_attribution_model']}'")
    return connection


def find_behind(connection: duckdb.DuckDBPyConnection, metric: str, where: str, parameters: list) -> None:
    """Fill the tables `behind`, `touches` and `records` with all that makes a metric's numbers."""
    connection.execute(
        f"create or replace temp table behind as select * from ({METRICS[metric].rows}) where {where} order by all",
        parameters,
    )
    columns = {column[0] for column in connection.execute("from behind limit 0").description}
    found_by = SAME_TOUCH if "touch_key" in columns else EARLIER_TOUCHES
    touches = TOUCHES.format(found_by=found_by) if "moment" in columns else NO_TOUCHES
    connection.execute(f"create or replace temp table touches as {touches}")
    queries = [RECORDS_OF_SPEND] if "spend_key" in columns else [RECORDS_OF_PEOPLE, RECORDS_OF_TOUCHES]
    if "deal_key" in columns:
        queries.append(RECORDS_OF_DEALS)
    records = " union all ".join(f"select * from ({query})" for query in queries)
    loads = " union all ".join(
        f"select '{source}' as source, load_id, inserted_at from {source}.raw._dlt_loads" for source in SOURCES
    )
    connection.execute(f"""
        create or replace temp table records as
        select distinct records.*, cast(loads.inserted_at as timestamp) as loaded_at
        from ({records}) as records
        left join ({loads}) as loads on records.source = loads.source and records._dlt_load_id = loads.load_id
        order by all
    """)


def explain(metric: str, day: date, channel: str | None = None) -> tuple[str, bool]:
    """What is behind a metric's number of a day (or its month), of one channel or all, and whether it adds up.

    Raises ExplainError if there is nothing to explain.
    """
    explanation = Explanation()
    definition = explanation.definition(metric)
    lines = [
        f"{metric}: {definition['formula']}, in {definition['unit']} by {definition['grain']}",
        f"the night of {explanation.night['as_of']}, published as {explanation.night['run']}",
        "",
    ]
    if metric in METRICS:
        _, explained, adds_up = _taken_apart(explanation, metric, day, channel)
    elif metric in RATIOS:
        explained, adds_up = _divided(explanation, metric, definition, day, channel)
    else:
        explained, adds_up = _not_taken_apart(explanation, definition, day, channel), True
    return "\n".join([*lines, *explained]), adds_up


def _taken_apart(
    explanation: Explanation, metric: str, day: date, channel: str | None
) -> tuple[Number, list[str], bool]:
    """The number, the rows behind it and where they come from as text, and whether those add up to it."""
    behind = METRICS[metric]
    day = day.replace(day=1) if behind.day == "month_start_date" else day
    seen = _seen(explanation, metric, behind.column, day, channel)
    find_behind(explanation.connection, metric, "day = ? and channel = coalesce(?, channel)", [day, channel])
    [[count, total]] = explanation.rows("select count(*), coalesce(sum(amount), 0) from behind")[1]
    verdict = "equal" if total == seen else f"NOT EQUAL, {seen - total:,} apart"
    lines = [
        f"{behind.table}.{behind.column}, {behind.day} {day}, {channel or 'all channels'}: {seen:,}",
        f"the {count:,} rows behind it add up to {total:,}: {verdict}",
        *_table("what it is made of", *explanation.rows("from behind")),
        *_table("touches, and what gave each its channel", *explanation.rows("from touches")),
        *_table("raw records, and the load that brought each", *explanation.rows("from records")),
    ]
    return seen, lines, total == seen


def _seen(explanation: Explanation, metric: str, column: str, day: date, channel: str | None) -> Number:
    """The sum of a column of the metric's published table."""
    behind = METRICS[metric]
    query = f"select coalesce(sum({column}), 0) from {explanation.seen(behind.table)}"
    [[seen]] = explanation.rows(f"{query} where {behind.day} = ? and channel = coalesce(?, channel)", [day, channel])[1]
    return seen


def _divided(
    explanation: Explanation, metric: str, definition: dict, day: date, channel: str | None
) -> tuple[list[str], bool]:
    """The quotient, and both of its sides taken apart; empty as in the published tables."""
    names = RATIOS[metric]
    sides = [_taken_apart(explanation, name, day, channel) for name in names]
    (numerator, _, _), (denominator, _, _) = sides
    unconverted = _seen(explanation, "spend", "unconverted_spend_rows", day, channel)
    if unconverted:
        quotient = f"empty, for {unconverted:,} rows of spend have no exchange rate"
    elif not denominator:
        quotient = "empty, for there is nothing to divide by"
    else:
        quotient = f"{numerator / denominator:,.{2 if definition['unit'] == 'reporting currency' else 4}f}"
    lines = [f"{names[0]} / {names[1]} = {numerator:,} / {denominator:,}: {quotient}"]
    for name, (_, explained, _) in zip(names, sides, strict=True):
        lines += ["", f"{name}:", *explained]
    return lines, all(adds_up for _, _, adds_up in sides)


def _not_taken_apart(explanation: Explanation, definition: dict, day: date, channel: str | None) -> list[str]:
    """The rows of the metric's own table that hold the day, where nothing behind them can be shown."""
    table = explanation.seen(definition["source_table"])
    columns = explanation.rows(f"from {table} limit 0")[0]
    begins = next((name for name in PERIODS if name in columns), None)
    conditions, parameters = [f"{begins} = date_trunc('{PERIODS[begins]}', ?::date)"] if begins else [], [day]
    if channel and "channel" in columns:
        conditions, parameters = [*conditions, "channel = ?"], [*parameters, channel]
    where = " and ".join(conditions) or "?::date is not null"
    return [
        f"the rows behind it cannot be shown; those of {', '.join([*METRICS, *RATIOS])} can",
        *_table(definition["source_table"], *explanation.rows(f"from {table} where {where}", parameters)),
    ]


def _table(title: str, names: list[str], rows: list[tuple]) -> list[str]:
    """A title, and the first rows in columns as wide as what stands in them."""
    cells = [names, *([_cell(value) for value in row] for row in rows[:SHOWN_ROWS])]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    shown = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in cells]
    rest = [f"  ... and {len(rows) - SHOWN_ROWS:,} more"] if len(rows) > SHOWN_ROWS else []
    return ["", f"{title} ({len(rows):,} rows)", *(f"  {line.rstrip()}" for line in shown if rows), *rest]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)


def main() -> int:
    """Print what is behind a metric's number; 1 if that is not the number, or there is nothing to explain."""
    metric, day, *channel = [*sys.argv[1:], "", ""][:3]
    try:
        if not (metric and day):
            raise ExplainError("say what, as in `make explain METRIC=leads DATE=2026-06-30 CHANNEL=email`")
        explained, adds_up = explain(metric, date.fromisoformat(day), *filter(None, channel))
    except ValueError as error:
        print(f"not explained: {error}", file=sys.stderr)
        return 1
    print(explained)
    if not adds_up:
        print("not explained: the rows behind the number do not add up to it", file=sys.stderr)
    return 0 if adds_up else 1


if __name__ == "__main__":
    sys.exit(main())
