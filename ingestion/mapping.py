"""`mapping.toml`, a file beside the files, renames a user's own files, columns and values to the file contract's.

    [deals]                                   # a table of the contract; [[deals]] twice for two kinds of file
    files = "opportunities*.csv"              # one pattern or a list; left out: deals*.csv, deals*.parquet
    [deals.columns]
    deal_id = "Opportunity ID"                # the contract's column = the file's column
    currency = {value = "EUR"}                # the same value in every row
    stage = {column = "State", values = {Won = "won", Lost = "lost"}}     # values not listed stay as they are
    closed_at = {column = "Closed", format = "%d/%m/%Y"}                  # strptime's letters
    deal_type = {column = "Kind", default = "new"}                        # where the cell is empty

A column that is not mapped is read from the file's column of its own name. Without a mapping, or for tables it does not
name, files are known by the contract's names.
"""

import re
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch

from ingestion.file_contract import FILE_TABLES

MAPPING_FILE = "mapping.toml"
_BLOCK_KEYS = {"files", "columns"}
_RULE_KEYS = {"column", "value", "values", "format", "default"}


class MappingError(Exception):
    """`mapping.toml` cannot be followed; the message lists every mistake with what is allowed."""


@dataclass(frozen=True)
class ColumnRule:
    """Where a contract column comes from: a file's `column`, or one `value` for every row."""

    column: str | None = None
    value: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    format: str | None = None
    default: str | None = None


@dataclass(frozen=True)
class FileRule:
    """Files whose names match `patterns` hold rows of `table`; `columns` has only what is renamed."""

    table: str
    patterns: tuple[str, ...]
    columns: dict[str, ColumnRule] = field(default_factory=dict)

    def matches(self, file_name: str) -> bool:
        """Whether a file of that name is read by this rule; case does not count."""
        return any(fnmatch(file_name.lower(), pattern.lower()) for pattern in self.patterns)


def normalised(column: str) -> str:
    """A header as the contract writes it: `Person ID` and `person-id` are `person_id`."""
    return re.sub(r"[\s\-]+", "_", column.strip()).lower()


def contract_patterns(table: str) -> tuple[str, ...]:
    """The file names that are a table without any mapping."""
    return f"{table}*.csv", f"{table}*.parquet"


def parse_mapping(text: str) -> list[FileRule]:
    """The rules of a `mapping.toml`. Raises `MappingError` with all mistakes at once."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{MAPPING_FILE} is not valid TOML: {error}") from None
    mistakes: list[str] = []
    rules = []
    for table, blocks in document.items():
        if table not in FILE_TABLES:
            mistakes.append(f"there is no table {table!r}; there are {', '.join(FILE_TABLES)}")
            continue
        for block in blocks if isinstance(blocks, list) else [blocks]:
            rules.append(_file_rule(table, block, mistakes))
    if mistakes:
        raise MappingError(f"{MAPPING_FILE} has {len(mistakes)} mistake(s): " + "; ".join(mistakes))
    return rules


def _file_rule(table: str, block: object, mistakes: list[str]) -> FileRule:
    if not isinstance(block, dict):
        mistakes.append(f"{table} must be a table: [{table}]")
        return FileRule(table, ())
    mistakes += _unknown(block, _BLOCK_KEYS, f"[{table}]")
    patterns = block.get("files", list(contract_patterns(table)))
    patterns = [patterns] if isinstance(patterns, str) else patterns
    if not isinstance(patterns, list) or not patterns or not all(isinstance(pattern, str) for pattern in patterns):
        mistakes.append(f"[{table}] files must be a file name pattern or a list of them")
        patterns = []
    columns = block.get("columns", {})
    if not isinstance(columns, dict):
        mistakes.append(f"[{table}] columns must be a table: [{table}.columns]")
        columns = {}
    mistakes += _unknown(columns, FILE_TABLES[table].columns, f"[{table}.columns]")
    rules = {
        column: _column_rule(table, column, rule, mistakes)
        for column, rule in columns.items()
        if column in FILE_TABLES[table].columns
    }
    return FileRule(table, tuple(patterns), rules)


def _column_rule(table: str, column: str, rule: object, mistakes: list[str]) -> ColumnRule:
    where = f"[{table}.columns] {column}"
    if isinstance(rule, str):
        return ColumnRule(column=rule)
    if not isinstance(rule, dict):
        mistakes.append(f"{where} must be a column's name or a table with {', '.join(sorted(_RULE_KEYS))}")
        return ColumnRule()
    mistakes += _unknown(rule, _RULE_KEYS, where)
    if ("column" in rule) == ("value" in rule):
        mistakes.append(f"{where} needs either column or value")
    if "format" in rule and FILE_TABLES[table].columns[column] not in ("date", "timestamp"):
        mistakes.append(f"{where} is no date or time, so it has no format")
    texts = {key: value for key, value in rule.items() if key in _RULE_KEYS - {"values"}}
    values = rule.get("values", {})
    if not isinstance(values, dict):
        mistakes.append(f"{where} values must be a table: {{theirs = ours}}")
        values = {}
    return ColumnRule(values=_as_texts(values), **_as_texts(texts))


def _as_texts(values: dict[str, object]) -> dict[str, str]:
    """TOML's numbers, booleans and dates as a CSV would write them."""
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in values.items()}


def _unknown(given: dict, allowed, where: str) -> list[str]:
    return [
        f"{where} has no {name!r}; allowed are {', '.join(sorted(allowed))}" for name in given if name not in allowed
    ]
