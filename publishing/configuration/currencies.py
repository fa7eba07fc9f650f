"""Currencies without a rate, all told before the models are built: their amounts stay empty and are counted.

Judged are the user's files as the next load would read them and what `raw/` holds of the vendors' records: from
earlier nights before a load, all of it before a build, where a first night tells them. Rates are those of the files, as
the models take them: given, turned round or through another currency of the same day, and not too old.

Which records of a vendor need a rate is said where they are staged: `amounts`, in the `meta` of a source's table,
selects `currency` and `day` of each; without a day it is still open and needs the night's rate.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import yaml

from ingestion.settings import business_day, raw_file
from publishing.configuration.settings import var_values
from publishing.configured import Configuration, Mistake, counted

TABLES = ("targets", "fx_rates", "deals", "spend", "subscriptions", "subscription_changes")
BEGIN = """
    create macro as_of() as getvariable('as_of');
    create macro business_date(moment) as
        cast(moment at time zone 'UTC' at time zone getvariable('business_time_zone') as date);
    create table rates (rate_date date, from_currency varchar, to_currency varchar);
    create table amounts (told_in varchar, file varchar, line bigint, currency varchar, day date);
"""
FILES_AMOUNTS = """
    insert into rates
    select rate_date, from_currency, to_currency from fx_rates;

    insert into amounts
    select 'files.raw.targets', file, line, currency, least(period_start, as_of())
    from targets where amount is not null
    union all
    select 'files.raw.deals', file, line, currency, least(coalesce(business_date(closed_at), as_of()), as_of())
    from deals where amount is not null
    union all
    select
        'files.raw.spend', file, line, currency,
        cast(unnest(generate_series(start_date, last_day, interval 1 day)) as date)
    from (select *, least(end_date, as_of()) as last_day from spend where amount is not null)
    union all
    select 'files.raw.subscription_changes', changes.file, changes.line, currency, business_date(changed_at)
    from subscription_changes as changes inner join subscriptions using (subscription_id)
    where business_date(changed_at) <= as_of()
    union all
    select 'files.raw.subscriptions', file, line, currency, business_date(started_at)
    from subscriptions where mrr is not null and business_date(started_at) <= as_of()
"""
VENDORS_AMOUNTS = """
    insert into amounts
    select '{told_in}', null, row_number() over (), upper(currency), least(coalesce(day, as_of()), as_of())
    from ({amounts})
"""
# Rates to the reporting currency, given, turned round or through another currency of the same day.
WITHOUT_RATE = """
    with

    quotes as (
        select rate_date, from_currency, to_currency from rates
        union
        select rate_date, to_currency, from_currency from rates
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
        told_in, currency, min((day, file, line)) as first, count(distinct day), count(distinct (file, line)),
        currency in (select currency from known)
    from amounts
    where currency <> $reporting_currency and not exists (
        from known
        where known.currency = amounts.currency and rate_date between day - $fx_rate_max_age_days::integer and day
    )
    group by told_in, currency
"""


def currencies(
    configuration: Configuration, connection: duckdb.DuckDBPyConnection, folder: str | None
) -> Iterator[Mistake]:
    """Each currency without a rate, once for each table that needs one.

    `connection` holds `TABLES` as delivered in `folder`. Without one, their rows in raw count, as in the models.
    """
    names = ("reporting_currency", "fx_rate_max_age_days", "business_time_zone")
    settings = {name: configuration.vars.get(name) for name in names}
    if None in settings.values() or any(mistake.what.startswith(names) for mistake in var_values(configuration)):
        return
    connection.execute("set variable as_of = ?", [business_day()])
    connection.execute("set variable business_time_zone = ?", [settings.pop("business_time_zone")])
    connection.execute(BEGIN)
    yield from _amounts(configuration.project, connection, folder)
    for told_in, currency, first, days, rows, is_known in connection.execute(WITHOUT_RATE, settings).fetchall():
        day, file, line = first.values() if isinstance(first, dict) else first
        missing = f"no rate of {counted(days, 'day')}" if is_known else "no rate at all"
        unconverted = f"{counted(rows, 'row')} of {told_in.rpartition('.')[2]}"
        without = f"no amount in {settings['reporting_currency']} for {unconverted}"
        remedy = f"add rates of {currency} to fx_rates, each serves {settings['fx_rate_max_age_days']} days on"
        place = (f"{folder}/{file}", line) if file else (told_in, 0)
        yield Mistake(*place, f"{currency} has {missing}, the first {day}: {without}", remedy, stops=False)


def _amounts(project: Path, connection: duckdb.DuckDBPyConnection, folder: str | None) -> Iterator[Mistake]:
    """Fill `rates` and `amounts`; a mistake for what cannot be read."""
    steps = [(folder, FILES_AMOUNTS)] if folder else []
    if not folder and raw_file("files").exists():
        views = "create view {0} as select *, null as file, row_number() over () as line from files.raw.{0};"
        steps.append(("files.raw", _attach("files") + "".join(map(views.format, TABLES)) + FILES_AMOUNTS))
    for path in sorted(project.glob("models/staging/*/_*.yml")):
        for source in yaml.load(path.read_text(), yaml.CSafeLoader).get("sources", []):
            for table in source["tables"] if raw_file(source["name"]).exists() else ():
                if amounts := table.get("config", {}).get("meta", {}).get("amounts"):
                    told_in = f"{source['name']}.raw.{table['name']}"
                    insert = VENDORS_AMOUNTS.format(told_in=told_in, amounts=amounts)
                    steps.append((told_in, _attach(source["name"]) + insert))
    for place, step in steps:
        try:
            connection.execute(step)
        except duckdb.Error as error:
            what = f"currencies are not checked: {str(error).splitlines()[0]}"
            yield Mistake(place, 0, what, "the load creates what an older raw file lacks, else correct it", stops=False)


def _attach(source: str) -> str:
    return f"attach if not exists '{raw_file(source)}' as {source} (read_only);"
