"""Files: a door for every tool without a connector. CSV and Parquet from a folder or any bucket that fsspec opens.

    SOURCES__FILES__BUCKET_URL=/some/folder python -m ingestion.load files       # or file://, s3://, gs://, az://

`ingestion/file_contract.py` says which tables there are, a `mapping.toml` beside the files renames a user's own. The
tables are the files present now: each load replaces them all. A bad row is kept aside in `bad_rows`; a file that cannot
be read, a broken header or a file that vanished since the last load stops the load, and the older tables stay.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from fnmatch import fnmatch
from functools import cache

import dlt
import pyarrow as pa
from dlt.common.configuration.exceptions import ConfigFieldMissingException
from dlt.extract import DltResource
from dlt.sources.filesystem import FileItemDict, filesystem

from ingestion.file_contract import FILE_TABLES, TYPES
from ingestion.file_reading import BAD_ROWS, FILE_LIST, Delivery, FilesError, read_delivery
from ingestion.mapping import MAPPING_FILE, FileRule, contract_patterns, parse_mapping


@dlt.source(name="files", max_table_nesting=0)
def files(
    until: date,
    since: date | None = None,
    bucket_url: str = dlt.config.value,
    removed_files: str = "",
) -> Iterable[DltResource]:
    """Every table of the file contract, `bad_rows` and `file_list`.

    `removed_files` names the files (comma separated, * allowed) that were removed on purpose. A delivery is the whole
    truth whatever days are asked for, so `until` and `since` do not matter here. A bucket's credentials are read as
    dlt's filesystem reads them: `SOURCES__FILESYSTEM__CREDENTIALS__...`, else the vendor's own (`AWS_PROFILE`, ...).
    Raises `FilesError`.
    """

    @cache
    def delivery() -> Delivery:
        listed = _listed(bucket_url)
        _refuse_vanished(listed, removed_files)
        return read_delivery(listed, _rules(listed, bucket_url))

    def rows(name: str) -> pa.Table:
        return delivery().tables[name].drop_columns(["file", "line"])

    for name, table in FILE_TABLES.items():
        columns = {column: dict(TYPES[kind].hints) for column, kind in table.columns.items()}
        yield _table(name, columns, lambda name=name: rows(name), table.key)
    yield _table("bad_rows", BAD_ROWS, lambda: delivery().bad_rows)
    yield _table("file_list", FILE_LIST, lambda: delivery().file_list)


def read_bucket(bucket_url: str, tables: Collection[str]) -> Delivery:
    """Some tables as the next load would read them. Raises `FilesError` and `MappingError`; writes nothing."""
    listed = _listed(bucket_url)
    rules = _rules(listed, bucket_url)
    return read_delivery(listed, {file: [rule for rule in rules[file] if rule.table in tables] for file in listed})


def _table(
    name: str, columns: dict[str, dict], rows: Callable[[], pa.Table], primary_key: tuple[str, ...] = ()
) -> DltResource:
    def read() -> Iterator[object]:
        table = rows()
        # Without the mark, a table that has no rows any more would keep its old ones.
        yield table if table.num_rows else dlt.mark.materialize_table_schema()

    return dlt.resource(read, name=name, columns=columns, primary_key=primary_key, write_disposition="replace")


def _listed(bucket_url: str) -> dict[str, FileItemDict]:
    """The files of the folder by name, in the order in which later ones replace earlier ones."""
    try:
        listed = {item["file_name"]: item for item in filesystem(bucket_url, file_glob="*")}
    except ConfigFieldMissingException:
        raise FilesError(
            f"{bucket_url} needs credentials: set SOURCES__FILESYSTEM__CREDENTIALS__... as dlt's filesystem source "
            "documents them for this kind of bucket, or the vendor's own variables (AWS_ACCESS_KEY_ID, ...)"
        ) from None
    except Exception as error:  # noqa: BLE001 - each kind of bucket refuses in words of its own
        while error.__cause__:
            error = error.__cause__
        raise FilesError(
            f"{bucket_url} cannot be listed ({type(error).__name__}: {error}): correct SOURCES__FILES__BUCKET_URL, or "
            "the bucket's credentials and what they may see. Older rows stay."
        ) from None
    if not listed:
        raise FilesError(
            f"{bucket_url} has no files or does not exist: put any of {', '.join(FILE_TABLES)} there as <name>*.csv or "
            "<name>*.parquet, or correct SOURCES__FILES__BUCKET_URL (leave it empty if you have no files)"
        )
    return dict(sorted(listed.items()))


def _rules(listed: dict[str, FileItemDict], bucket_url: str) -> dict[str, list[FileRule]]:
    """How each file is read: as the mapping says, else by the contract's names; no rule: the file is ignored."""
    mapped = parse_mapping(_text(listed[MAPPING_FILE])) if MAPPING_FILE in listed else []
    by_name = [FileRule(table, contract_patterns(table)) for table in FILE_TABLES if not _is_mapped(table, mapped)]
    rules = {}
    for name in listed:
        own = [rule for rule in mapped if rule.matches(name)]
        rules[name] = own or [rule for rule in by_name if rule.matches(name)]
    if not any(rules.values()):
        raise FilesError(
            f"none of the files of {bucket_url} ({', '.join(listed)}) is a table: name them <name>*.csv or "
            f"<name>*.parquet with any of {', '.join(FILE_TABLES)}, or say which is which in {MAPPING_FILE}"
        )
    return rules


def _is_mapped(table: str, mapped: list[FileRule]) -> bool:
    return any(rule.table == table for rule in mapped)


def _text(item: FileItemDict) -> str:
    try:
        return item.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FilesError(f"{item['file_name']} is not UTF-8: save it as UTF-8") from None


def _refuse_vanished(listed: dict[str, FileItemDict], removed_files: str) -> None:
    """A file that is gone would empty its table: only a removal on purpose may do that."""
    state = dlt.current.source_state()
    removed = [pattern.strip() for pattern in removed_files.split(",")]
    vanished = [name for name in state.get("files", []) if name not in listed]
    unexplained = [name for name in vanished if not any(fnmatch(name, pattern) for pattern in removed)]
    if unexplained:
        names = ",".join(unexplained)
        raise FilesError(
            f"{len(unexplained)} file(s) of the last load vanished: {names}. Put them back; or, if they were removed "
            f'on purpose, load once with SOURCES__FILES__REMOVED_FILES="{names}"'
        )
    state["files"] = list(listed)
