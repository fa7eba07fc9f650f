"""Targets of the user's files, read as the next load would read them and judged before it; then the currencies.

What a controller would want to know before the numbers are told:

- Two targets of one owner, team or company for one period, valid from the same day, stop the night: only one would
  count, and nothing says which. So do budgets of one channel or team whose periods overlap, for both would count on the
  days they share, and a ramp that the seed quota_ramps does not know, for the quota would count in full.
- Budgets are one as int_budgets__spread takes them: `Paid Search` is `paid_search`, `spend` another word for `budget`,
  and an owner counts for nothing; one with an owner and no team warns.
- Quotas of periods that overlap (a quarter and its year) only warn, for each period has rows of its own; so do gaps
  between periods and targets that nothing reads.
- A budget of a team that is spelt nearly like a channel warns: the channel would seem to have none.
- A target below 0 stops the night too; one without an amount or a period warns.
- Shares of a deal that make more than 1 warn; what less than 1 leaves is the deal's owner's.
- No targets at all are no mistake.

Files that cannot be read warn as well: the load will tell why, and the night goes on with the older rows.
"""

import os
from collections.abc import Iterator
from difflib import get_close_matches

import duckdb
import pyarrow as pa

from ingestion.file_reading import FilesError
from ingestion.mapping import MappingError
from publishing.configuration.currencies import TABLES, currencies
from publishing.configured import Configuration, Mistake, instead

# From this likeness on, a team is a channel misspelt; 1 is the same word.
MISSPELT = 0.8
READ_TARGETS = {("sales", "bookings"), ("marketing", "budget"), ("marketing", "spend")}
# Targets as the models tell them apart; the period of a version is that of what it changes.
TOLD_TARGETS = """
    create temp table told as
    select
        *, coalesce(lower(trim(department)), 'marketing') as told_department, lower(trim(metric)) as told_metric,
        told_department = 'marketing' and told_metric in ('budget', 'spend') as is_budget,
        nullif(trim(team), '') as told_team,
        case when is_budget then translate(lower(told_team), ' -', '__') end as channel,
        concat_ws(' ', told_department, case when is_budget then 'budget' else told_metric end, 'of ' || case
            when is_budget and channel in $channels then channel
            when owner_id is not null and is_budget is not true then 'owner ' || owner_id
            else coalesce(told_team, 'the company')
        end, 'in ' || lower(nullif(trim(segment), ''))) as whose,
        period_start || ' to ' || period_end as period
    from targets
    where amount is not null and period_start is not null and period_end is not null
"""
UNUSABLE = """
    select
        file, line, case
            when amount < 0 then 'a target below 0: no attainment of it means anything'
            when amount is null then 'a target without an amount: nothing is expected by it'
            else 'a target without a period: nothing is expected by it'
        end, amount < 0
    from targets
    where coalesce(amount, -1) < 0 or period_start is null or period_end is null
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
        select whose, is_budget, period_start, period_end, period, min((file, line)) as stands
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

    select stands[1], stands[2], whose, period, before, period_start <= known_until, is_budget
    from followed
    where known_until is not null and period_start <> known_until + 1
"""
OWNED = "select file, line, owner_id from told where is_budget and owner_id is not null and told_team is null"

CREDITS = """
    select first[1], first[2], deal_id, total
    from (
        select deal_id, min((file, line)) as first, round(sum(share), 9) as total
        from deal_splits where share > 0 group by deal_id
    )
    where total > 1
"""


def deliveries(configuration: Configuration) -> Iterator[Mistake]:
    """Overlaps and gaps in targets, and currencies without rates."""
    bucket_url = os.environ.get("SOURCES__FILES__BUCKET_URL")
    with duckdb.connect() as connection:
        connection.execute("load icu; set TimeZone = 'UTC'")
        try:
            delivered = _delivered(bucket_url) if bucket_url else {}
        except (FilesError, MappingError, OSError) as error:
            what = f"targets and rates are not checked: {error}"
            yield Mistake(bucket_url, 0, what, "the load tells it too", stops=False)
            delivered = {}
        for name, table in delivered.items():
            connection.register(name, table)
        folder = (bucket_url or "").rstrip("/")
        if delivered:
            yield from _targets(configuration, connection, folder)
            yield from _credits(connection, folder)
        yield from currencies(configuration, connection, folder if delivered else None)


def _delivered(bucket_url: str) -> dict[str, pa.Table]:
    from ingestion.sources.files import read_bucket  # dlt takes a second to import

    return read_bucket(bucket_url, (*TABLES, "deal_splits")).tables


def _targets(configuration: Configuration, connection: duckdb.DuckDBPyConnection, folder: str) -> Iterator[Mistake]:
    ramps, channels = configuration.values("quota_ramps", "ramp"), sorted(configuration.values("channels", "channel"))
    connection.execute(TOLD_TARGETS, {"channels": channels})
    for file, line, what, is_negative in connection.execute(UNUSABLE).fetchall():
        yield Mistake(f"{folder}/{file}", line, what, "tell it, and 0 to end an earlier version", bool(is_negative))
    for file, line, what, remedy in connection.execute(TWICE).fetchall():
        yield Mistake(f"{folder}/{file}", line, what, remedy)
    for file, line, whose, period, before, overlaps, is_budget in connection.execute(PERIODS).fetchall():
        if overlaps:
            what = f"{whose}: {period} overlaps {before}, and both count on the days they share"
            yield Mistake(f"{folder}/{file}", line, what, "end one before the other begins", bool(is_budget))
        else:
            what = f"{whose}: nothing between {before} and {period}"
            yield Mistake(f"{folder}/{file}", line, what, "close the gap, or nothing is expected of those days", False)
    for file, line, owner in connection.execute(OWNED).fetchall():
        what = f"budgets have no owner, so that of {owner} is the company's"
        yield Mistake(f"{folder}/{file}", line, what, "name its channel or team, or leave the owner out", stops=False)
    told = "select file, line, whose, told_department, told_metric, channel, nullif(trim(ramp), '') from told"
    for file, line, whose, department, metric, channel, ramp in connection.execute(told).fetchall():
        meant = get_close_matches(channel or "", channels, n=1, cutoff=MISSPELT)
        if meant and meant[0] != channel:
            what = f"{whose}: no channel, so it is a team's, and nothing tells what a team spent"
            yield Mistake(f"{folder}/{file}", line, what, f"did you mean {meant[0]!r}?", stops=False)
        if (department, metric) not in READ_TARGETS:
            known = {f"{name} of {team}" for team, name in READ_TARGETS}
            what = f"nothing reads targets for {metric!r} of {department!r}"
            yield Mistake(f"{folder}/{file}", line, what, instead(f"{metric} of {department}", known), stops=False)
        if ramp and ramp not in ramps:
            remedy = f"{instead(ramp, ramps)} or add it to the seed quota_ramps"
            yield Mistake(f"{folder}/{file}", line, f"unknown ramp {ramp!r}", remedy)


def _credits(connection: duckdb.DuckDBPyConnection, folder: str) -> Iterator[Mistake]:
    for file, line, deal, total in connection.execute(CREDITS).fetchall():
        what = f"the shares of deal {deal} make {total:g}, more than 1"
        yield Mistake(f"{folder}/{file}", line, what, "lower them, or each counts in proportion", stops=False)
