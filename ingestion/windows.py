"""Which days a report resource pulls, and raw made equal to what the vendor then answers, if that is plausible.

A report resource by day reads

    def campaign_daily():
        first, last = pulled_window(since, until, restated_days, initial_day(initial_date, until))
        yield from replaced_window(first, last, accounts, pull, account_column="account_id", day_column="date_start")
        window_pulled(since, until)
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, timedelta

import dlt
from dlt.destinations.exceptions import DatabaseUndefinedRelation

# An answer with less than this share of the rows we already have is refused; fewer rows than these are never judged.
IMPLAUSIBLE_SHARE = 0.2
JUDGED_ROWS = 20


class ImplausibleAnswerError(Exception):
    """A vendor answers far fewer rows than it did before; nothing is loaded, so that the older rows stay."""


def pulled_window(since: date | None, until: date, restated_days: int, initial_date: date) -> tuple[date, date]:
    """First and last day (both included) that the current dlt resource must pull.

    A night goes back `restated_days` before the last day pulled, so that what the vendor restated is replaced; a first
    run starts at `initial_date`. A backfill (`since` given) pulls what the nights from `since` to `until` would have
    pulled one by one. Call `window_pulled` once everything was yielded.
    """
    restated = timedelta(days=restated_days)
    if since is not None:
        return min(since, max(initial_date, since - timedelta(days=1) - restated)), until
    last_pulled = dlt.current.resource_state().get("pulled_until")
    if last_pulled is None:
        return initial_date, until
    return max(initial_date, min(date.fromisoformat(last_pulled), until) - restated), until


def initial_day(initial_date: str, until: date) -> date:
    """The day a first load starts at: `initial_date` (ISO), else two years before `until`. Raises `ValueError`."""
    return date.fromisoformat(initial_date) if initial_date else until - timedelta(days=730)


def window_pulled(since: date | None, until: date) -> None:
    """Remember that the current dlt resource has pulled every day up to `until`.

    A backfill that starts after the last pulled day would leave a hole, so it does not move the mark.
    """
    state = dlt.current.resource_state()
    last_pulled = state.get("pulled_until")
    leaves_hole = since is not None and (last_pulled is None or since > date.fromisoformat(last_pulled) + timedelta(1))
    if not leaves_hole:
        state["pulled_until"] = max(last_pulled or "", until.isoformat())


def days(first: date, last: date) -> Iterator[date]:
    """Every day of a window, both ends included."""
    return (start for start, _ in chunks(first, last, 1))


def chunks(first: date, last: date, days: int) -> Iterator[tuple[date, date]]:
    """Cut a window into consecutive ones of at most `days` days, both ends included: what one request may ask for."""
    while first <= last:
        end = min(first + timedelta(days=days - 1), last)
        yield first, end
        first = end + timedelta(days=1)


def replaced_window(
    first: date,
    last: date,
    accounts: Collection[str],
    pull: Callable[[str], Iterable[object]],
    *,
    account_column: str,
    day_column: str,
) -> Iterator[object]:
    """Yield every page (list or Arrow table) of `pull(account)` and let raw hold exactly those rows for these days.

    Only the days from `first` to `last` of `accounts` are replaced, also where the answer has no rows; other accounts
    and days stay. The resource must have write disposition `merge`. Raises `ImplausibleAnswerError`.
    """
    scope = f"{day_column} between date '{first}' and date '{last}' and {_among(account_column, accounts)}"
    disposition = {"disposition": "merge", "strategy": "delete-insert", "destination_scope": scope}
    yield dlt.mark.with_hints(dlt.mark.materialize_table_schema(), dlt.mark.make_hints(write_disposition=disposition))
    known = _known_rows(account_column, scope)
    for account in accounts:
        answered = 0
        for page in pull(account):
            answered += len(page)
            yield page
        what = f"{dlt.current.resource().name} of account {account} from {first} to {last}"
        refuse_implausible(what, known.get(account, 0), answered)


def whole_list(pages: Iterable[object]) -> Iterator[object]:
    """Yield every page (list or Arrow table) of a full list, which replaces what raw has.

    No list becomes empty overnight, however short it is. Raises `ImplausibleAnswerError`.
    """
    name = dlt.current.resource().name
    known = sum(_known_rows("null", "true").values())
    answered = 0
    for page in pages:
        answered += len(page)
        yield page
    refuse_implausible(name, known, answered, judged_rows=JUDGED_ROWS if answered else 1)


def refuse_implausible(what: str, known: int, answered: int, judged_rows: int = JUDGED_ROWS) -> None:
    """Refuse an answer of which raw has `known` rows and that has far fewer: the vendor is at fault, or our access is.

    Fewer than `judged_rows` known rows say nothing. Raises `ImplausibleAnswerError`.
    """
    if known < judged_rows or answered >= IMPLAUSIBLE_SHARE * known:
        return
    if dlt.config.get("sources.accept_fewer_rows", bool):
        return
    raise ImplausibleAnswerError(
        f"{what}: the vendor answers {answered:,} rows where raw has {known:,}. Nothing was loaded, older rows stay. "
        "If the vendor's own pages show as few, load once with SOURCES__ACCEPT_FEWER_ROWS=true."
    )


def _among(column: str, values: Collection[str]) -> str:
    """The SQL condition that a column has one of these values; false if there are none."""
    literals = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column} in ({literals})" if literals else "false"


def _known_rows(account_column: str, scope: str) -> dict[str, int]:
    """How many rows raw has in the scope, by account."""
    with dlt.current.pipeline().sql_client() as client:
        table = client.make_qualified_table_name(dlt.current.resource().name)
        try:
            rows = client.execute_sql(f"select {account_column}, count(*) from {table} where {scope} group by 1")
        except DatabaseUndefinedRelation:
            return {}
    return {str(account): count for account, count in rows}
