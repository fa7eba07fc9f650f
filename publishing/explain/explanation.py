"""A number, what it is made of and where that comes from, as text."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from publishing.configured import instead
from publishing.explain.behind import Formula, find_behind, open_warehouse, period_of, rows_columns, rows_file
from publishing.nights import FILES, build_file, built_day_file, manifest, published_dir

SHOWN_ROWS = 25
SHOWN_DIGITS = 6


class ExplainError(ValueError):
    """There is nothing to explain; the message says why and what to do."""


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
        self.connection = open_warehouse(build_file(), date.fromisoformat(built))
        for file in FILES:
            path = published_dir() / "current" / f"{file}.duckdb"
            self.connection.execute(f"attach '{path}' as seen_by_{file} (read_only)")

    def rows(self, query: str, parameters: list | None = None) -> tuple[list[str], list[tuple]]:
        """The names and rows of a query."""
        answer = self.connection.execute(query, parameters or [])
        return [column[0] for column in answer.description], answer.fetchall()

    def definitions(self) -> dict[str, dict]:
        """Every metric as core.metric_definitions says it."""
        names, found = self.rows("select * from seen_by_sales.core.metric_definitions order by metric")
        return {row[names.index("metric")]: dict(zip(names, row, strict=True)) for row in found}

    def seen(self, table: str) -> str:
        """A published table by its full name in a file that holds it."""
        file = next(name for name, schemas in FILES.items() if table.split(".")[0] in schemas)
        return f"seen_by_{file}.{table}"


def explain(metric: str, day: date, channel: str | None = None, only: dict[str, str] | None = None) -> tuple[str, bool]:
    """What is behind a metric's number of the period of a day, and whether it makes the number.

    `channel` narrows it down to the rows of one channel, `only` to those of a value in each of its columns.
    Raises ExplainError if there is nothing to explain.
    """
    explanation = Explanation()
    with explanation.connection:
        definitions = explanation.definitions()
        if metric not in definitions:
            raise ExplainError(f"there is no metric {metric!r}: {instead(metric, set(definitions))}")
        definition = definitions[metric]
        question = _asked(explanation, definition, day, ({"channel": channel} if channel else {}) | (only or {}))
        explained, makes_it = _taken_apart(explanation, question)
    lines = [
        f"{metric}: {definition['formula']}, in {definition['unit']} by {definition['grain']}",
        f"the night of {explanation.night['as_of']}, published as {explanation.night['run']}",
        "",
    ]
    return "\n".join([*lines, *explained]), makes_it


@dataclass(frozen=True)
class Question:
    """A formula on the rows that fulfil a condition; for each value of the columns `repeating` they tell all anew.

    `of` says in words which rows those are.
    """

    table: str
    formula: Formula
    of: str
    where: str
    parameters: list
    repeating: list[str]


def _asked(explanation: Explanation, definition: dict, day: date, chosen: dict[str, str]) -> Question:
    """What is asked for. Raises ExplainError if the rows behind it are not told, or do not tell it apart."""
    table, formula = definition["source_table"], Formula(definition["formula"])
    behind = rows_columns(explanation.connection, table)
    if missing := formula.columns - set(behind):
        raise ExplainError(
            f"nothing tells the rows behind {', '.join(sorted(missing))} of {table}: select them in "
            f"{rows_file(table).relative_to(Path.cwd())}, one for each thing counted, with keys that lead to raw "
            "records, as the files beside it do"
        )
    columns = explanation.rows(f"from {explanation.seen(table)} limit 0")[0]
    repeating = (definition.get("not_additive_over") or "").split(", ")
    for column, value in chosen.items():
        if column not in set(columns) & set(behind):
            asked = "CHANNEL" if column == "channel" else f"ONLY={column}"
            asked_of = f"the metric {definition['metric']}" if column in columns else table
            raise ExplainError(f"{asked_of} does not tell {column}s apart: ask without {asked}")
        values = {
            str(row[0]) for row in explanation.rows(f"select distinct {column} from {explanation.seen(table)}")[1]
        }
        if value not in values:
            raise ExplainError(f"there is no {column} {value!r} in {table}: {instead(value, values)}")
    conditions, parameters, told = [f"{column} = ?" for column in chosen], list(chosen.values()), list(chosen.values())
    if period := period_of(columns):
        name, condition = period
        conditions, parameters = [condition, *conditions], [day, *parameters]
        told = [f"{day}" if name == "day" else f"the {name} of {day}", *told]
    return Question(
        table,
        formula,
        ", ".join(told) or "all of it",
        " and ".join(conditions) or "true",
        parameters,
        [name for name in repeating if name in behind and name not in chosen],
    )


def _taken_apart(explanation: Explanation, question: Question) -> tuple[list[str], bool]:
    """The number, the rows behind it and where they come from, and whether those make it."""
    table, formula = question.table, question.formula
    numbers = ", ".join([formula.sql, *formula.sums])
    [seen], [made] = (
        explanation.rows(f"select {numbers} from {source} where {question.where}", question.parameters)[1]
        for source in _sources(explanation, table)
    )
    parts = _parts(explanation, question)
    find_behind(explanation.connection, table, formula, question.where, question.parameters)
    [[count]] = explanation.rows("select count(*) from behind")[1]
    apart = _apart([*zip(seen, made, strict=True), *(part[-2:] for part in parts[1])])
    verdict = f"NOT EQUAL, {apart:,} apart" if apart else "equal"
    repeating = " and ".join(question.repeating)
    lines = [
        f"{table} of {question.of}: {_cell(seen[0])}",
        f"the {count:,} rows behind it make {_cell(made[0])}: {verdict}",
        *(f"  {told} = {_cell(number)}" for told, number in zip(formula.sums, seen[1:], strict=True)),
        *(_table(f"to be read for one {repeating} at a time, chosen by ONLY", *parts) if repeating else []),
        *_table("what it is made of", *explanation.rows("from behind")),
        *_table("touches, and what gave each its channel", *explanation.rows("from touches")),
        *_table("raw records, and the load that brought each", *explanation.rows("from records")),
    ]
    return lines, not apart


def _sources(explanation: Explanation, table: str) -> tuple[str, str]:
    """The table that readers see, and the rows behind it."""
    return explanation.seen(table), f"({rows_file(table).read_text()})"


def _parts(explanation: Explanation, question: Question) -> tuple[list[str], list[tuple]]:
    """The number by the columns that are not to be added up over, last what the rows behind it make."""
    by = ", ".join(question.repeating)
    if not by:
        return [], []
    seen, made = (
        f"(select {by}, {question.formula.sql} as {name} from {source} where {question.where} group by all)"
        for name, source in zip(("number", "made"), _sources(explanation, question.table), strict=True)
    )
    return explanation.rows(
        f"from {seen} full join {made} using ({by}) where number <> 0 or made <> 0 order by all",
        [*question.parameters, *question.parameters],
    )


def _apart(numbers: list[tuple]) -> object:
    """How far the first two numbers that differ are apart; nothing at all sums to nothing."""
    return next((seen - made for seen, made in ((a or 0, b or 0) for a, b in numbers) if seen != made), 0)


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
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, float) or (isinstance(value, Decimal) and value.as_tuple().exponent < -SHOWN_DIGITS):
        return f"{value:,.{SHOWN_DIGITS}f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int | Decimal) and not isinstance(value, bool) else str(value)
