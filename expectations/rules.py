"""The kinds of rules that the suites are made of.

A `CRITICAL` rule that fails stops the night, a `WARNING` is told. Of a row that breaks a rule only keys are shown, so
that no personal data reaches a report.
"""

from collections.abc import Callable
from dataclasses import dataclass

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

CRITICAL, WARNING = "critical", "warning"

# A rule becomes an expectation once it knows the key of its table.
Rule = Callable[[tuple[str, ...]], Expectation]


@dataclass(frozen=True)
class Suite:
    """The rules of one table. `key` names the columns that tell its rows apart: unique, and shown as examples."""

    key: tuple[str, ...]
    rules: tuple[Rule, ...]

    def expectations(self) -> list[Expectation]:
        """The rules as Great Expectations knows them, the uniqueness of the key first."""
        return [rule(self.key) for rule in (_unique, *self.rules)]


def suite(key: str, *rules: Rule) -> Suite:
    """The rules of a table; `key` lists its columns, separated by commas."""
    return Suite(tuple(column.strip() for column in key.split(",")), rules)


def never(condition: str, promise: str, severity: str = CRITICAL) -> Rule:
    """No row meets this SQL condition."""
    return lambda key: _no_row(f"select {', '.join(key)} from {{batch}} where {condition}", promise, severity)


def equal(expression: str, query: str, promise: str, severity: str = CRITICAL) -> Rule:
    """An SQL expression over the whole table equals the only value of `query`; nothing counts as 0."""
    compared = f"""
        select ours, theirs
        from (select coalesce({expression}, 0) as ours from {{batch}})
        cross join (select coalesce(({query}), 0) as theirs)
        where ours != theirs
    """
    return lambda key: _no_row(compared, promise, severity)


def no_row(query: str, promise: str, severity: str = CRITICAL) -> Rule:
    """`query`, which reads the table as {batch} and selects keys and numbers only, has no row."""
    return lambda key: _no_row(query, promise, severity)


def between(column: str, low: float | None, high: float | None, severity: str = WARNING) -> Rule:
    """Every value that is not null lies between `low` and `high`, both included; None: no bound."""
    bounds = f"at least {low:,}" if high is None else f"between {low:,} and {high:,}"
    return lambda key: gxe.ExpectColumnValuesToBeBetween(
        column=column, min_value=low, max_value=high, severity=severity, description=f"{column} is {bounds}"
    )


def filled(column: str, share: float = 1, severity: str = WARNING) -> Rule:
    """At least this share (0 to 1) of the rows have a value."""
    return lambda key: gxe.ExpectColumnValuesToNotBeNull(
        column=column, mostly=share, severity=severity, description=f"{column} is filled in {share:.0%} of the rows"
    )


def _no_row(query: str, promise: str, severity: str) -> Expectation:
    return gxe.UnexpectedRowsExpectation(description=promise, unexpected_rows_query=query, severity=severity)


def _unique(key: tuple[str, ...]) -> Expectation:
    promise = f"{', '.join(key)} is unique"
    if len(key) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=key[0], severity=CRITICAL, description=promise)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(key), severity=CRITICAL, description=promise)
