"""What every seed is held to: its columns and types, patterns that are some, and what `_seeds.yml` asks of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import duckdb

from publishing.configured import Configuration, Mistake, Seed, instead

# Compared with values in lower case: in another case they never match.
LOWER_CASE = {
    "activity_outcome_map": "crm_outcome",
    "ad_campaign_channels": "campaign_type",
    "campaign_aliases": "alias",
    "change_sources": "source_type",
    "crm_stage_map": "crm_stage",
    "deal_type_map": "crm_deal_type",
    "engagement_rules": "touch_type",
    "platform_rules": "click_id_type",
    "platforms": "platform",
    "reason_map": "crm_reason",
    "web_key_events": "event_name",
}


def seeds(configuration: Configuration) -> Iterator[Mistake]:
    """The mistakes of every seed by itself."""
    with duckdb.connect() as connection:
        for seed in configuration.seeds.values():
            yield from (*_columns(seed), *_types(seed, connection), *_patterns(seed, connection))
            yield from _declared(seed, configuration)
    yield from _lower_case(configuration)


def _columns(seed: Seed) -> Iterator[Mistake]:
    if not seed.path.exists():
        yield seed.mistake(None, "the seed is missing", "restore it; without rows it still needs its header")
        return
    for column in seed.header:
        if column not in seed.types:
            yield seed.mistake(None, f"unknown column {column!r}", instead(column, set(seed.types)))
    for column in seed.types:
        if column not in seed.header:
            yield seed.mistake(None, f"no column {column!r}", "add it; its cells may be empty")
    for row in seed.rows:
        if None in row.cells:
            yield seed.mistake(row, "more cells than columns", "put quotes around a cell with a comma in it")


def _types(seed: Seed, connection: duckdb.DuckDBPyConnection) -> Iterator[Mistake]:
    for column, data_type in seed.types.items():
        values = sorted({row[column] for row in seed.rows if row[column]})
        query = f"select value from (select unnest(?::varchar[]) as value) where try_cast(value as {data_type}) is null"
        wrong = {value for (value,) in connection.execute(query, [values]).fetchall()}
        for row in seed.rows:
            if row[column] in wrong:
                yield seed.mistake(row, f"{column} {row[column]!r} is no {data_type}", "correct it")


def _patterns(seed: Seed, connection: duckdb.DuckDBPyConnection) -> Iterator[Mistake]:
    for column in (column for column in seed.types if column.endswith("pattern")):
        for row in seed.rows:
            try:
                connection.execute("select regexp_matches('', ?)", [row[column]]).fetchall()
            except duckdb.Error as error:
                what = f"{column} {row[column]!r} is no regular expression"
                yield seed.mistake(row, what, str(error).splitlines()[0])


def _declared(seed: Seed, configuration: Configuration) -> Iterator[Mistake]:
    """What dbt's tests in `_seeds.yml` will ask of the seed."""
    if not seed.declared:
        yield seed.mistake(None, "nobody says what its columns hold", "describe it in seeds/_seeds.yml")
    tests = [([], test) for test in seed.declared.get("data_tests", [])]
    for column in seed.declared.get("columns", []):
        tests += [([column["name"]], test) for test in column.get("data_tests", [])]
    for columns, test in tests:
        kind, properties = next(iter(test.items())) if isinstance(test, dict) else (test, {})
        stops = properties.get("config", {}).get("severity") != "warn"
        arguments = {"columns": columns, **properties.get("arguments", {})}
        for mistake in DECLARED[kind](seed, configuration, **arguments) if kind in DECLARED else ():
            yield replace(mistake, stops=stops)


def _not_null(seed: Seed, _: Configuration, columns: list[str]) -> Iterator[Mistake]:
    for row in seed.rows:
        if row[columns[0]] is None:
            yield seed.mistake(row, f"{columns[0]} is empty", "fill it in")


def _unique(seed: Seed, _: Configuration, columns: list[str]) -> Iterator[Mistake]:
    """No two rows share the columns; those declared as `lower(column)` are shared in any case."""
    names = [re.sub(r"lower\((\w+)\)", r"\1", column) for column in columns]
    first_line: dict[tuple, int] = {}
    for row in seed.rows:
        values = [row[name] or "" for name in names]
        key = tuple(value if name in columns else value.lower() for name, value in zip(names, values, strict=True))
        if first_line.setdefault(key, row.line) != row.line and any(key):
            what = f"{', '.join(names)} {', '.join(repr(value) for value in values)} stands twice"
            yield seed.mistake(row, what, f"keep one of lines {first_line[key]} and {row.line}")


def _accepted(seed: Seed, _: Configuration, columns: list[str], values: list) -> Iterator[Mistake]:
    known = {str(value) for value in values}
    for row in seed.rows:
        if row[columns[0]] and row[columns[0]] not in known:
            yield seed.mistake(row, f"unknown {columns[0]} {row[columns[0]]!r}", instead(row[columns[0]], known))


def _related(seed: Seed, configuration: Configuration, columns: list[str], to: str, field: str) -> Iterator[Mistake]:
    name = re.sub(r"\W|ref", "", to)
    known = configuration.values(name, field)
    for row in seed.rows if name in configuration.seeds else ():
        if row[columns[0]] and row[columns[0]] not in known:
            remedy = f"{instead(row[columns[0]], known)} or add it to the seed {name}"
            yield seed.mistake(row, f"unknown {columns[0]} {row[columns[0]]!r}", remedy)


DECLARED: dict[str, Callable[..., Iterator[Mistake]]] = {
    "not_null": _not_null,
    "unique": _unique,
    "unique_combination": _unique,
    "accepted_values": _accepted,
    "relationships": _related,
}


def _lower_case(configuration: Configuration) -> Iterator[Mistake]:
    for name, column in LOWER_CASE.items():
        for row in configuration.seeds[name].rows:
            value = row[column] or ""
            if value != value.lower().strip():
                what = f"{column} {value!r} never matches, for it is compared in lower case"
                yield configuration.seeds[name].mistake(row, what, f"write {value.lower().strip()!r}")
