"""Targets and exchange rates of the user's files, read as the next load would read them and judged before it.

What a controller would want to know before the numbers are told:

- Two targets of one owner, team or company for one period, valid from the same day, stop the night: only one would
  count, and nothing says which. So do budgets of one team whose periods overlap, for both would count on the days they
  share, and a ramp that the seed quota_ramps does not know, for the quota would count in full.
- Quotas of periods that overlap (a quarter and its year) only warn, for each period has rows of its own; so do gaps
  between periods and targets that nothing reads.
- A currency without a rate warns: its amounts stay empty and are counted, and no ratio is told where there are any. No
  targets and no rates at all are no mistake.

Files that cannot be read warn as well: the load will tell why, and the night goes on with the older rows.
"""

import os
from collections.abc import Iterator

import duckdb

from ingestion.file_reading import FilesError
from ingestion.mapping import MappingError
from ingestion.settings import business_day
from publishing.configured import Configuration, Mistake, instead

TABLES = ("targets", "fx_rates", "deals", "spend", "subscriptions", "subscription_changes")
READ_TARGETS = {("sales", "bookings"), ("marketing", "budget"), ("marketing", "spend")}
# Targets as the models tell them apart; the period of a version is that of what it changes.
TOLD_TARGETS = """
    create temp table told as
    select
        *, coalesce(lower(trim(department)), 'marketing') as told_department, lower(trim(metric)) as told_metric,
        concat_ws(' ', told_department, told_metric, 'of ' || case
            when owner_id is not null then 'owner ' || owner_id
            when nullif(trim(team), '') is not null then trim(team)
            else 'the company'
        end, 'in ' || segment) as whose,
        period_start || ' to ' || period_end as period
    from targets
    where amount is not null and period_start is not null and period_end is not null
"""
TWICE = """
    select
        file, line, whose || ' has a second target for ' || period || ', valid from the same day as that of ' || first,
        'keep one, or say by valid_from from which day on the newer one counts'
    from (
        select
            *, first_value(file || ':' || line) over same as first, row_number() over same as place
        from told
        window same as (partition by whose, period, valid_from order by file, line)
    )
    where place > 1
"""
PERIODS = """
    with

    periods as (
        select whose, told_department, period_start, period_end, period, min((file, line)) as stands
        from told group by all
    ),

    followed as (
        select
            *,
            max(period_end) over earlier as known_until,
            arg_max(period, period_end) over earlier as before
        from periods
        window earlier as (
            partition by whose order by period_start, period_end rows between unbounded preceding and 1 preceding
        )
    )

    select stands[1], stands[2], whose, period, before, period_start <= known_until, told_department
    from followed
    where known_until is not null and period_start <> known_until + 1
"""
# Each amount with its currency and the day whose rate it needs; an open deal needs the night's.
AMOUNTS = """
    create temp table amounts as
    select 'targets' as told_in, file, line, currency, least(period_start, $as_of) as day
    from targets where amount is not null
    union all
    select 'deals', file, line, currency, least(coalesce(
        cast(closed_at at time zone 'UTC' at time zone $business_time_zone as date), $as_of
    ), $as_of)
    from deals where amount is not null
    union all
    select 'spend', file, line, currency, cast(unnest(generate_series(start_date, last_day, interval 1 day)) as date)
    from (select *, least(end_date, $as_of) as last_day from spend where amount is not null)
    union all
    select 'subscription_changes', changes.file, changes.line, currency,
        cast(changed_at at time zone 'UTC' at time zone $business_time_zone as date)
    from subscription_changes as changes inner join subscriptions using (subscription_id)
    where changed_at < $as_of + 1
    union all
    select
        'subscriptions', file, line, currency,
        cast(started_at at time zone 'UTC' at time zone $business_time_zone as date)
    from subscriptions where mrr is not null and started_at < $as_of + 1
"""
# Rates to the reporting currency, given, turned round or through another currency of the same day.
WITHOUT_RATE = """
    with

    quotes as (
        select rate_date, from_currency, to_currency from fx_rates
        union
        select rate_date, to_currency, from_currency from fx_rates
    ),

    known as (
        select rate_date, from_currency as currency from quotes where to_currency = $reporting_currency
        union
        select legs.rate_date, legs.from_currency
        from quotes as legs
        inner join quotes on legs.to_currency = quotes.from_currency and legs.rate_date = quotes.rate_date
        where quotes.to_currency = $reporting_currency
    )

    select
        currency, min((day, file, line)) as first, count(distinct day), count(distinct (file, line)),
        currency in (select currency from known)
    from amounts
    where currency <> $reporting_currency and not exists (
        from known
        where known.currency = amounts.currency and rate_date between day - $fx_rate_max_age_days::integer and day
    )
    group by currency
"""


def deliveries(configuration: Configuration) -> Iterator[Mistake]:
    """Overlaps and gaps in targets, and currencies without rates, if there are files."""
    bucket_url = os.environ.get("SOURCES__FILES__BUCKET_URL")
    if not bucket_url:
        return
    from ingestion.sources.files import read_bucket  # dlt takes a second to import

    try:
        tables = read_bucket(bucket_url, TABLES).tables
    except (FilesError, MappingError, OSError) as error:
        yield Mistake(
            bucket_url, 0, f"targets and rates are not checked: {error}", "the load tells it too", stops=False
        )
        return
    with duckdb.connect() as connection:
        connection.execute("load icu; set TimeZone = 'UTC'")
        for name in TABLES:
            connection.register(name, tables[name])
        for part in (_targets, _rates):
            yield from part(configuration, connection, bucket_url.rstrip("/"))


def _targets(configuration: Configuration, connection: duckdb.DuckDBPyConnection, folder: str) -> Iterator[Mistake]:
    connection.execute(TOLD_TARGETS)
    for file, line, what, remedy in connection.execute(TWICE).fetchall():
        yield Mistake(f"{folder}/{file}", line, what, remedy)
    for file, line, whose, period, before, overlaps, department in connection.execute(PERIODS).fetchall():
        if overlaps:
            what = f"{whose}: {period} overlaps {before}, and both count on the days they share"
            yield Mistake(f"{folder}/{file}", line, what, "end one before the other begins", department == "marketing")
        else:
            what = f"{whose}: nothing between {before} and {period}"
            yield Mistake(f"{folder}/{file}", line, what, "close the gap, or nothing is expected of those days", False)
    ramps = configuration.values("quota_ramps", "ramp")
    told = connection.execute("select file, line, told_department, told_metric, nullif(trim(ramp), '') from told")
    for file, line, department, metric, ramp in told.fetchall():
        if (department, metric) not in READ_TARGETS:
            known = {f"{name} of {team}" for team, name in READ_TARGETS}
            what = f"nothing reads targets for {metric!r} of {department!r}"
            yield Mistake(f"{folder}/{file}", line, what, instead(f"{metric} of {department}", known), stops=False)
        if ramp and ramp not in ramps:
            remedy = f"{instead(ramp, ramps)} or add it to the seed quota_ramps"
            yield Mistake(f"{folder}/{file}", line, f"unknown ramp {ramp!r}", remedy)


def _rates(configuration: Configuration, connection: duckdb.DuckDBPyConnection, folder: str) -> Iterator[Mistake]:
    names = ("reporting_currency", "fx_rate_max_age_days", "business_time_zone")
    settings = {name: configuration.vars.get(name) for name in names}
    if None in settings.values():
        return
    connection.execute(AMOUNTS, {"as_of": business_day(), "business_time_zone": settings.pop("business_time_zone")})
    for currency, first, days, rows, is_known in connection.execute(WITHOUT_RATE, settings).fetchall():
        day, file, line = first.values() if isinstance(first, dict) else first
        missing = f"no rate of {days:,} days, the first {day}" if is_known else "no rate at all"
        what = f"{currency} has {missing}: {rows:,} rows stay without an amount in {settings['reporting_currency']}"
        remedy = f"add rates of {currency} to fx_rates, each serves {settings['fx_rate_max_age_days']} days on"
        yield Mistake(f"{folder}/{file}", line, what, remedy, stops=False)
