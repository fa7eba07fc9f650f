"""Reading delivered files into the contract's tables, by columns: pyarrow parses, DuckDB renames, casts and judges.

Every cell arrives as text, from CSV and Parquet alike, so that one set of rules reads both. Each file is read into
memory once. Lines are physical lines of a CSV, as an editor shows them, and row numbers of a Parquet file.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from dlt.sources.filesystem import FileItemDict

from ingestion.file_contract import FILE_TABLES, TYPES, FileTable
from ingestion.mapping import MAPPING_FILE, ColumnRule, FileRule, normalised

BAD_ROWS = {
    "table_name": {"data_type": "text"},
    "file": {"data_type": "text"},
    "line": {"data_type": "bigint"},
    "column_name": {"data_type": "text"},
    "value": {"data_type": "text"},
    "reason": {"data_type": "text"},
}
FILE_LIST = {
    "file": {"data_type": "text"},
    "table_name": {"data_type": "text"},
    "rows": {"data_type": "bigint"},
    "bad_rows": {"data_type": "bigint"},
    "ignored_columns": {"data_type": "text"},
}
_FIRST_DAY, _LAST_DAY = "1900-01-01", "2199-12-31"
# A last record of our own: it is missing from the parsed records if a quote before it was never closed.
_END = b"\x1eend of file\x1e"
_SPACE = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"


class FilesError(Exception):
    """The delivery cannot be loaded; the message says which file, why and what to do."""


@dataclass(frozen=True)
class Delivery:
    """All tables of the contract (empty where there is no file), the rows kept aside, and what each file was.

    The rows of `tables` name the `file` and the `line` they stand in.
    """

    tables: dict[str, pa.Table]
    bad_rows: pa.Table
    file_list: pa.Table


def read_delivery(listed: dict[str, FileItemDict], rules: dict[str, list[FileRule]]) -> Delivery:
    """Read the files in the given order; a row with the same key in a later file (or line) replaces the earlier.

    Raises `FilesError` for a file that is not readable as a whole, or lacks a column it must have.
    """
    with duckdb.connect() as warehouse:
        warehouse.execute("load icu; set TimeZone = 'UTC'")
        warehouse.execute(
            "create table bad_rows (table_name varchar, file varchar, line bigint, column_name varchar, value varchar, "
            "reason varchar)"
        )
        warehouse.execute("create table file_list (file varchar, table_name varchar, ignored_columns varchar)")
        for name, table in FILE_TABLES.items():
            texts = ", ".join(f'"{column}" varchar' for column in table.columns)
            warehouse.execute(f"create table delivered_{name} (file varchar, line bigint, {texts})")
        for file, item in listed.items():
            _read_file(warehouse, file, item, rules[file])
        for name, table in FILE_TABLES.items():
            _judge(warehouse, name, table)
        tables = {name: _latest(warehouse, name, table) for name, table in FILE_TABLES.items()}
        return Delivery(tables, _bad_rows(warehouse), _file_list(warehouse))


def _read_file(warehouse: duckdb.DuckDBPyConnection, file: str, item: FileItemDict, rules: list[FileRule]) -> None:
    """Append a file's rows, as text under the contract's columns, to the tables its rules name."""
    if not rules:
        if file != MAPPING_FILE:
            warehouse.execute("insert into file_list values (?, null, null)", [file])
        return
    read = _read_parquet if file.lower().endswith(".parquet") else _read_csv
    header, cells, bad_lines = read(file, item.read_bytes())
    warehouse.register("cells", cells)
    for rule in rules:
        selected = ", ".join(_selected(rule, column, header) for column in FILE_TABLES[rule.table].columns)
        _refuse_missing_columns(file, rule, header)
        any_cell = " or ".join(f'"{position}" is not null' for position in range(len(header)))
        warehouse.execute(
            f"insert into delivered_{rule.table} select ?, line, {selected} from cells where {any_cell}", [file]
        )
        if bad_lines:
            warehouse.executemany(
                "insert into bad_rows values (?, ?, ?, null, null, ?)",
                [(rule.table, file, line, reason) for line, reason in bad_lines],
            )
    warehouse.unregister("cells")
    for table in {rule.table for rule in rules}:
        ignored = _ignored([rule for rule in rules if rule.table == table], header)
        warehouse.execute("insert into file_list values (?, ?, ?)", [file, table, ignored])


def _read_csv(file: str, content: bytes) -> tuple[list[str], pa.Table, list[tuple[int, str]]]:
    """The header, the cells as text in columns named by position and `line`, and the lines with a wrong field count."""
    header = _csv_header(file, content)
    invalid: list[pyarrow.csv.InvalidRow] = []

    def keep_aside(row: pyarrow.csv.InvalidRow) -> str:
        invalid.append(row)
        return "skip"

    names = [str(position) for position in range(len(header))]
    try:
        cells = pyarrow.csv.read_csv(
            pa.BufferReader(content + (b"" if content.endswith(b"\n") else b"\n") + _END),
            # Threads would not tell the numbers of invalid records.
            read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=names),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep_aside
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid as error:
        raise FilesError(f"{file} cannot be read as CSV: {error}") from None
    cells, invalid = _without_end(file, cells, invalid)
    lines = _lines(cells, invalid)
    is_valid = np.ones(len(lines), dtype=bool)
    is_valid[[row.number - 1 for row in invalid]] = False
    bad_lines = [
        (int(lines[row.number - 1]), f"the row has {row.actual_columns} fields, the header {row.expected_columns}")
        for row in invalid
    ]
    # The header is the first record.
    return header, cells.append_column("line", pa.array(lines[is_valid])).slice(1), bad_lines


def _csv_header(file: str, content: bytes) -> list[str]:
    """The names of the columns. The whole file must be UTF-8, with or without a byte order mark."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FilesError(f"{file} is not UTF-8 (line {line}): save it as CSV UTF-8 and load again") from None
    header = next(csv.reader(io.StringIO(text, newline="")), [])
    if not any(name.strip() for name in header):
        raise FilesError(f"{file} has no header: its first line must name the columns")
    return header


def _without_end(
    file: str, cells: pa.Table, invalid: list[pyarrow.csv.InvalidRow]
) -> tuple[pa.Table, list[pyarrow.csv.InvalidRow]]:
    """The records without the one added to find a quote that was never closed."""
    end = _END.decode()
    if cells.num_columns == 1 and cells.num_rows and cells.column(0)[-1].as_py() == end:
        return cells.slice(0, cells.num_rows - 1), invalid
    if invalid and invalid[-1].text == end:
        return cells, invalid[:-1]
    raise FilesError(f"{file} ends inside a quoted cell: it was cut off, or a quote was never closed; deliver it again")


def _lines(cells: pa.Table, invalid: Iterable[pyarrow.csv.InvalidRow]) -> np.ndarray:
    """The physical line on which each record begins: one line a record, and one more for each newline in its cells."""
    newlines = np.zeros(cells.num_rows, dtype=np.int64)
    for column in cells.columns:
        newlines += pc.fill_null(pc.count_substring(column, "\n"), 0).to_numpy()
    for row in invalid:
        newlines = np.insert(newlines, row.number - 1, row.text.count("\n"))
    return np.concatenate(([1], 1 + np.cumsum(newlines + 1)))[:-1]


def _read_parquet(file: str, content: bytes) -> tuple[list[str], pa.Table, list[tuple[int, str]]]:
    """The column names, the cells as text in columns named by position and `line`; no row has a wrong field count."""
    try:
        table = pyarrow.parquet.read_table(pa.BufferReader(content))
    except (pa.ArrowInvalid, OSError) as error:
        raise FilesError(f"{file} cannot be read as Parquet: {error}; deliver it again") from None
    names = [str(position) for position in range(table.num_columns)]
    lines = pa.array(np.arange(1, table.num_rows + 1))
    with duckdb.connect() as connection:
        connection.execute("load icu; set TimeZone = 'UTC'")
        connection.register("typed", table.rename_columns(names))
        texts = ", ".join(_as_text(name, table.schema.types[int(name)]) for name in names)
        cells = connection.sql(f"select {texts} from typed").to_arrow_table()
    return table.column_names, cells.append_column("line", lines), []


def _as_text(name: str, kind: pa.DataType) -> str:
    """A typed column as text. Numbers with gaps arrive as floats from pandas: 12.0 is 12, NaN is no value."""
    if pa.types.is_floating(kind):
        return (
            f'case when isnan("{name}") then null when "{name}" = trunc("{name}") and abs("{name}") < 1e15 '
            f'then cast(cast("{name}" as bigint) as varchar) else cast("{name}" as varchar) end as "{name}"'
        )
    return f'cast("{name}" as varchar) as "{name}"'


def _refuse_missing_columns(file: str, rule: FileRule, header: list[str]) -> None:
    """A file must have its table's key and every column that the mapping reads; no name may stand twice."""
    present = [normalised(name) for name in header]
    mistakes = []
    if twice := sorted({name for name in present if present.count(name) > 1 and name}):
        mistakes.append(f"the header has {', '.join(twice)} more than once")
    for column in rule.columns.values():
        if column.column is not None and normalised(column.column) not in present:
            mistakes.append(f"{MAPPING_FILE} reads a column {column.column!r} that is not in the header")
    for column in FILE_TABLES[rule.table].key:
        if column not in rule.columns and column not in present:
            mistakes.append(f"the key column {column} is missing")
    if mistakes:
        raise FilesError(
            f"{file} has a broken header for {rule.table}: {'; '.join(mistakes)}. The header is: {', '.join(header)}. "
            f"Correct the file (separator: comma), or name its columns in {MAPPING_FILE}"
        )


def _ignored(rules: list[FileRule], header: list[str]) -> str | None:
    """The file's columns that no column of its table reads: often a name that is misspelt."""
    read = set()
    for rule in rules:
        read |= {normalised(own.column) for own in rule.columns.values() if own.column is not None}
        read |= {column for column in FILE_TABLES[rule.table].columns if column not in rule.columns}
    return ", ".join(name for name in header if normalised(name) not in read) or None


def _selected(rule: FileRule, column: str, header: list[str]) -> str:
    """The SQL that reads one contract column from a file's cells."""
    own = rule.columns.get(column, ColumnRule(column=column))
    if own.value is not None:
        return f"nullif({_literal(own.value)}, '')"
    present = [normalised(name) for name in header]
    if normalised(own.column) not in present:
        return "null"
    value = f"nullif(trim(\"{present.index(normalised(own.column))}\", {_SPACE}), '')"
    if own.values:
        cases = " ".join(f"when {_literal(theirs)} then {_literal(ours)}" for theirs, ours in own.values.items())
        value = f"nullif(case {value} {cases} else {value} end, '')"
    if own.format is not None:
        value = f"coalesce(strftime(try_strptime({value}, {_literal(own.format)}), '%Y-%m-%d %H:%M:%S.%f'), {value})"
    return value if own.default is None else f"coalesce({value}, {_literal(own.default)})"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _judge(warehouse: duckdb.DuckDBPyConnection, name: str, table: FileTable) -> None:
    """Cast the delivered texts; a row with any bad cell goes to `bad_rows` with all its reasons and the first cell."""
    parsed = ", ".join(f'{_parsed(column, kind)} as "{column}"' for column, kind in table.columns.items())
    texts = ", ".join(f'"{column}" as "text of {column}"' for column in table.columns)
    whys = [_why(column, kind, column in table.key) for column, kind in table.columns.items()]
    if table.period:
        start, end = table.period
        whys.append(f"""case when "{end}" < "{start}" then '{end}: is before {start}' end""")
    warehouse.execute(f"""
        create table judged_{name} as
        with parsed as (select file, line, {parsed}, {texts} from delivered_{name})
        select *, list_filter([{", ".join(whys)}], lambda why: why is not null) as whys from parsed
    """)
    value = " ".join(f"""when '{column}' then "text of {column}" """ for column in table.columns)
    warehouse.execute(f"""
        insert into bad_rows
        select '{name}', file, line, column_name, case column_name {value} end, array_to_string(whys, '; ')
        from (select *, split_part(whys[1], ':', 1) as column_name from judged_{name} where len(whys) > 0)
    """)


def _parsed(column: str, kind: str) -> str:
    return TYPES[kind].parsed.format(x=f'"{column}"')


def _why(column: str, kind: str, is_key: bool) -> str:
    """The SQL that says what is wrong with a cell, or null."""
    text = f'"text of {column}"'
    missing = f"when {text} is null then '{column}: is missing, and it is part of the key'" if is_key else ""
    wrong = f"""when {text} is not null and "{column}" is null then '{column}: is not {TYPES[kind].expected}'"""
    outside = ""
    if kind in ("date", "timestamp"):
        outside = (
            f"""when cast("{column}" as date) not between date '{_FIRST_DAY}' and date '{_LAST_DAY}' """
            f"then '{column}: is not between {_FIRST_DAY} and {_LAST_DAY}'"
        )
    return f"case {missing} {wrong} {outside} end"


def _latest(warehouse: duckdb.DuckDBPyConnection, name: str, table: FileTable) -> pa.Table:
    """The good rows, one a key: that of the last file, and within a file of the last line."""
    columns = ", ".join(f'"{column}"' for column in table.columns)
    key = ", ".join(f'"{column}"' for column in table.key)
    return warehouse.sql(f"""
        select {columns}, file, line from judged_{name} where len(whys) = 0
        qualify row_number() over (partition by {key} order by file desc, line desc) = 1
        order by {key}
    """).to_arrow_table()


def _bad_rows(warehouse: duckdb.DuckDBPyConnection) -> pa.Table:
    """One row for each bad line and table, though two rules of a mapping may have read the line."""
    return warehouse.sql("""
        select
            table_name, file, line,
            min(column_name) as column_name, min_by(value, column_name) as value,
            string_agg(distinct reason, '; ' order by reason) as reason
        from bad_rows group by table_name, file, line order by file, line, table_name
    """).to_arrow_table()


def _file_list(warehouse: duckdb.DuckDBPyConnection) -> pa.Table:
    """Each file and table with its rows, bad ones included; table and counts are null for a file that is ignored."""
    delivered = " union all ".join(
        f"select '{name}' as table_name, file, line from delivered_{name}" for name in FILE_TABLES
    )
    return warehouse.sql(f"""
        with delivered as ({delivered}),
        good as (select table_name, file, count(*) as n from delivered group by all),
        bad as (select table_name, file, count(*) as n from bad_rows group by all),
        cut as (select table_name, file, count(*) as n from bad_rows where column_name is null group by all)
        select
            file,
            table_name,
            case when table_name is not null then coalesce(good.n, 0) + coalesce(cut.n, 0) end as "rows",
            case when table_name is not null then coalesce(bad.n, 0) end as bad_rows,
            ignored_columns
        from file_list
        left join good using (table_name, file)
        left join bad using (table_name, file)
        left join cut using (table_name, file)
        order by file, table_name
    """).to_arrow_table()
