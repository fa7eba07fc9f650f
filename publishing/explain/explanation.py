"""A number, what it is made of and where that comes from, as text."""

from datetime import date, datetime
from decimal import Decimal

from publishing.configured import instead
from publishing.explain.behind import Formula, find_behind, open_warehouse, period_of, rows_columns, rows_file
from publishing.nights import FILES, build_file, built_day_file, manifest, published_dir

SHOWN_ROWS = 25


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

    def is_explained(self, definition: dict) -> bool:
        """Whether the rows behind a metric are known."""
        return Formula(definition["formula"]).columns <= set(rows_columns(self.connection, definition["source_table"]))

    def seen(self, table: str) -> str:
        """A published table by its full name in a file that holds it."""
        file = next(name for name, schemas in FILES.items() if table.split(".")[0] in schemas)
        return f"seen_by_{file}.{table}"


def explain(metric: str, day: date, channel: str | None = None) -> tuple[str, bool]:
    """What is behind a metric's number of the period of a day, of one channel or all, and whether it makes the number.

    Raises ExplainError if there is nothing to explain.
    """
    explanation = Explanation()
    with explanation.connection:
        definitions = explanation.definitions()
        if metric not in definitions:
            raise ExplainError(f"there is no metric {metric!r}: {instead(metric, set(definitions))}")
        definition = definitions[metric]
        where, parameters = _asked(explanation, definition["source_table"], day, channel)
        lines = [
            f"{metric}: {definition['formula']}, in {definition['unit']} by {definition['grain']}",
            f"the night of {explanation.night['as_of']}, published as {explanation.night['run']}",
            "",
        ]
        if explanation.is_explained(definition):
            explained, makes_it = _taken_apart(explanation, definition, where, parameters)
        else:
            explained, makes_it = _not_taken_apart(explanation, definition, where, parameters), True
    return "\n".join([*lines, *explained]), makes_it


def _asked(explanation: Explanation, table: str, day: date, channel: str | None) -> tuple[str, list]:
    """The rows of a table that are asked for, as condition and parameters."""
    columns = explanation.rows(f"from {explanation.seen(table)} limit 0")[0]
    if channel and "channel" not in columns:
        raise ExplainError(f"{table} does not tell channels apart: ask without CHANNEL")
    period = period_of(columns)
    conditions = [*([period] if period else []), *(["channel = ?"] if channel else [])]
    return " and ".join(conditions) or "true", [*([day] if period else []), *([channel] if channel else [])]


def _taken_apart(explanation: Explanation, definition: dict, where: str, parameters: list) -> tuple[list[str], bool]:
    """The number, the rows behind it and where they come from, and whether those make it."""
    table, formula = definition["source_table"], Formula(definition["formula"])
    numbers = ", ".join([formula.sql, *formula.sums])
    rows = f"({rows_file(table).read_text()})"
    [seen] = explanation.rows(f"select {numbers} from {explanation.seen(table)} where {where}", parameters)[1]
    [made] = explanation.rows(f"select {numbers} from {rows} where {where}", parameters)[1]
    find_behind(explanation.connection, table, formula, where, parameters)
    [[count]] = explanation.rows("select count(*) from behind")[1]
    makes_it = all(_same(*numbers) for numbers in zip(seen, made, strict=True))
    verdict = "equal" if makes_it else f"NOT EQUAL, {_cell(_apart(seen, made))} apart"
    asked = ", ".join(map(str, parameters)) or "all of it"
    lines = [
        f"{table} of {asked}: {_cell(seen[0])}",
        f"the {count:,} rows behind it make {_cell(made[0])}: {verdict}",
        *(f"  {told} = {_cell(number)}" for told, number in zip(formula.sums, seen[1:], strict=True)),
        *_table("what it is made of", *explanation.rows("from behind")),
        *_table("touches, and what gave each its channel", *explanation.rows("from touches")),
        *_table("raw records, and the load that brought each", *explanation.rows("from records")),
    ]
    return lines, makes_it


def _same(seen: object, made: object) -> bool:
    """Whether two numbers are one; nothing at all sums to nothing."""
    return (seen or 0) == (made or 0)


def _apart(seen: tuple, made: tuple) -> object:
    """How far the first two numbers that differ are apart."""
    return next((one or 0) - (other or 0) for one, other in zip(seen, made, strict=True) if not _same(one, other))


def _not_taken_apart(explanation: Explanation, definition: dict, where: str, parameters: list) -> list[str]:
    """The rows of the metric's own table, where nothing behind them can be shown."""
    explained = [name for name, other in explanation.definitions().items() if explanation.is_explained(other)]
    table = explanation.seen(definition["source_table"])
    return [
        f"the rows behind it cannot be shown; those of {', '.join(explained)} can",
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
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return f"{value:,}" if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else str(value)
