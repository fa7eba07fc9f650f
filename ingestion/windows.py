"""Which days a report resource pulls, so that a restated day is pulled again and a missed night is caught up."""

from datetime import date, timedelta

import dlt


def pulled_window(since: date | None, until: date, restated_days: int, initial_date: date) -> tuple[date, date]:
    """First and last day (both included) that the current dlt resource must pull.

    A backfill (`since` given) pulls exactly what it was asked for. A nightly run goes back `restated_days` before the
    last day it had pulled, so that what the vendor restated is replaced; a first run starts at `initial_date`.
    Call `window_pulled` once everything was yielded.
    """
    if since is not None:
        return since, until
    last_pulled = dlt.current.resource_state().get("pulled_until")
    if last_pulled is None:
        return initial_date, until
    return max(initial_date, min(date.fromisoformat(last_pulled), until) - timedelta(days=restated_days)), until


def window_pulled(since: date | None, until: date) -> None:
    """Remember that the current dlt resource has pulled every day up to `until`.

    A backfill that starts after the last pulled day would leave a hole, so it does not move the mark.
    """
    state = dlt.current.resource_state()
    last_pulled = state.get("pulled_until")
    leaves_hole = since is not None and (last_pulled is None or since > date.fromisoformat(last_pulled) + timedelta(1))
    if not leaves_hole:
        state["pulled_until"] = max(last_pulled or "", until.isoformat())
