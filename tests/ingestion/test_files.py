"""Files as people hand them over: read from real folders and buckets into a real raw file."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import fsspec
import pyarrow as pa
import pyarrow.parquet
import pytest

from ingestion.load import Load, LoadError, load, report
from ingestion.settings import raw_file


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the source reads."""
    path = tmp_path / "handed_over"
    path.mkdir()
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", str(path))
    return path


def put(path: Path, *lines: str) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def load_files() -> Load:
    return load("files", date(2026, 6, 30))


def query(sql: str) -> list[tuple]:
    with duckdb.connect(str(raw_file("files")), read_only=True) as connection:
        return connection.execute(f"select {sql}").fetchall()


def refusal() -> str:
    with pytest.raises(LoadError) as error:
        load_files()
    return str(error.value)


def test_every_type_of_the_contract_is_read(folder: Path):
    put(
        folder / "deals.csv",
        "deal_id,amount,currency,probability,created_at,closed_at,is_won",
        "1,1000.5,eur,0.25,2026-03-01,2026-03-02T10:00:00+02:00,yes",
        "2,-20,USD,,2026-03-01 08:30:00,2026-03-01 08:30:00 Europe/Berlin,FALSE",
    )
    put(folder / "spend.csv", "spend_id,start_date,impressions", "1,2026-03-01,12", "2,2026-03-01 00:00:00,12.0")
    load_files()
    assert query(
        "* exclude (_dlt_id, _dlt_load_id, person_id, company, owner_id, stage, deal_type, loss_reason) "
        "from raw.deals order by deal_id"
    ) == [
        ("1", Decimal("1000.50"), "EUR", 0.25, datetime(2026, 3, 1), datetime(2026, 3, 2, 8), True),
        ("2", Decimal("-20.00"), "USD", None, datetime(2026, 3, 1, 8, 30), datetime(2026, 3, 1, 7, 30), False),
    ]
    assert query("start_date, impressions from raw.spend") == [(date(2026, 3, 1), 12)] * 2


def test_empty_cells_and_absent_columns_are_null_and_never_bad(folder: Path):
    put(folder / "deals.csv", "deal_id,amount,closed_at,is_won", "1,,,", '2,"", ,')
    load_files()
    assert query("deal_id, amount, closed_at, is_won, currency from raw.deals order by 1") == [
        ("1", None, None, None, None),
        ("2", None, None, None, None),
    ]
    assert query("count(*) from raw.bad_rows") == [(0,)]


def test_bad_rows_are_kept_aside_with_file_line_and_reason_and_the_rest_loads(folder: Path):
    put(
        folder / "deals.csv",
        "deal_id,amount,currency,created_at",
        "1,12,USD,2026-01-01",
        "2,twelve,USD,2026-01-01",
        "3,12,DOLLARS,1850-01-01",
        ",12,USD,2026-01-01",
        "5,12",
        "6,1_000,USD,01/02/2026",
        "7,12,XYZ,2199-12-31",
    )
    load_files()
    assert query("deal_id from raw.deals order by 1") == [("1",), ("7",)]
    assert query("table_name, file, line, column_name, value, reason from raw.bad_rows order by line") == [
        ("deals", "deals.csv", 3, "amount", "twelve", "amount: is not a number with a point for decimals"),
        ("deals", "deals.csv", 4, "currency", "DOLLARS",
         "currency: is not a three-letter currency code; created_at: is not between 1900-01-01 and 2199-12-31"),
        ("deals", "deals.csv", 5, "deal_id", None, "deal_id: is missing, and it is part of the key"),
        ("deals", "deals.csv", 6, None, None, "the row has 2 fields, the header 4"),
        ("deals", "deals.csv", 7, "amount", "1_000", "amount: is not a number with a point for decimals; "
         "created_at: is not a time as YYYY-MM-DD HH:MM:SS (UTC unless a zone is given)"),
    ]  # fmt: skip
    assert query('file, table_name, "rows", bad_rows from raw.file_list') == [("deals.csv", "deals", 7, 5)]


def test_a_period_that_ends_before_it_starts_is_a_bad_row(folder: Path):
    put(folder / "spend.csv", "spend_id,start_date,end_date", "1,2026-02-01,2026-01-31", "2,2026-02-01,2026-02-01")
    load_files()
    assert query("spend_id from raw.spend") == [("2",)]
    assert query("reason from raw.bad_rows") == [("end_date: is before start_date",)]


def test_lines_are_those_of_an_editor_despite_newlines_in_cells_and_blank_lines(folder: Path):
    content = (
        'owner_id,"full\nname",start_date\r\n'  # lines 1 and 2
        '1,"Zoë\r\n\r\n""Z"" 李",2026-01-01\r\n'  # 3 to 5
        "\r\n"  # 6
        '2,"a\nb",yesterday\r\n'  # 7 and 8
        '3,"one\ntwo"\r\n'  # 9 and 10: too few fields
        "4,x,2026-13-01\r\n"  # 11
    )
    (folder / "owners.csv").write_bytes(content.encode("utf-8-sig"))
    load_files()
    assert query("line from raw.bad_rows order by 1") == [(7,), (9,), (11,)]
    assert query("owner_id, start_date from raw.owners") == [("1", date(2026, 1, 1))]


def test_international_text_survives(folder: Path):
    name = 'أحمد "Ω" 😀 李雷, Ł'
    put(folder / "people.csv", "person_id,full_name", '1,"أحمد ""Ω"" 😀 李雷, Ł"')
    load_files()
    assert query("full_name from raw.people") == [(name,)]


def test_several_files_of_one_name_are_one_table_and_the_later_name_wins(folder: Path):
    put(folder / "deals_2.csv", "deal_id,stage", "1,won", "3,open")
    put(folder / "deals_1.csv", "deal_id,stage", "1,open", "2,open", "2,lost")
    put(folder / "deals_3.csv", "deal_id,stage,amount", "3,won,a lot")
    load_files()
    assert query("deal_id, stage from raw.deals order by 1") == [("1", "won"), ("2", "lost"), ("3", "open")]


def test_parquet_is_read_by_the_same_rules(folder: Path):
    table = pa.table(
        {
            "deal_id": pa.array([1.0, 2.0, None]),
            "amount": pa.array([10.5, float("nan"), 1.0]),
            "closed_at": pa.array([datetime(2026, 1, 1, 10), None, None], pa.timestamp("ns", "Europe/Berlin")),
            "is_won": [True, None, False],
        }
    )
    pyarrow.parquet.write_table(table, folder / "deals.parquet")
    load_files()
    assert query("deal_id, amount, closed_at, is_won from raw.deals order by 1") == [
        ("1", Decimal("10.50"), datetime(2026, 1, 1, 10), True),
        ("2", None, None, None),
    ]
    assert query("file, line, column_name from raw.bad_rows") == [("deals.parquet", 3, "deal_id")]


def test_the_tables_are_the_files_present_now(folder: Path):
    put(folder / "deals.csv", "deal_id", "1", "2")
    put(folder / "owners.csv", "owner_id", "1")
    load_files()
    put(folder / "deals.csv", "deal_id", "2", "3")
    put(folder / "owners.csv", "owner_id")
    load_files()
    load_files()
    assert query("deal_id from raw.deals order by 1") == [("2",), ("3",)]
    assert query("count(*) from raw.owners") == [(0,)]


def test_a_file_that_vanished_is_refused_until_its_removal_is_accepted(folder: Path, monkeypatch: pytest.MonkeyPatch):
    put(folder / "deals.csv", "deal_id", "1")
    put(folder / "owners.csv", "owner_id", "1")
    load_files()
    (folder / "owners.csv").unlink()
    for _ in range(2):
        message = refusal()
        assert "owners.csv" in message
        assert 'SOURCES__FILES__REMOVED_FILES="owners.csv"' in message
        assert query("count(*) from raw.owners") == [(1,)]
    monkeypatch.setenv("SOURCES__FILES__REMOVED_FILES", "owners.csv")
    load_files()
    assert query("count(*) from raw.owners") == [(0,)]
    monkeypatch.delenv("SOURCES__FILES__REMOVED_FILES")
    load_files()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id,amount\n1,2\n", "the key column deal_id is missing"),
        (b"deal_id;amount\n1;2\n", "separator: comma"),
        (b"deal_id,amount,Amount\n1,2,3\n", "has amount more than once"),
        ("deal_id,company\n1,Müller\n".encode("latin-1"), "is not UTF-8 (line 2)"),
        ("deal_id,company\n1,x\n".encode("utf-16"), "is not UTF-8"),
        (b"", "has no header"),
        (b'deal_id,company\n1,x\n2,"cut off', "ends inside a quoted cell"),
    ],
)
def test_a_broken_file_is_named_and_changes_no_table(folder: Path, content: bytes, reason: str):
    put(folder / "owners.csv", "owner_id", "1")
    put(folder / "deals.csv", "deal_id", "1")
    load_files()
    put(folder / "owners.csv", "owner_id", "1", "2")
    (folder / "deals.csv").write_bytes(content)
    message = refusal()
    assert "deals.csv" in message
    assert reason in message
    assert query("(select count(*) from raw.deals), (select count(*) from raw.owners)") == [(1, 1)]


def test_a_truncated_parquet_file_is_named(folder: Path):
    pyarrow.parquet.write_table(pa.table({"deal_id": ["1"]}), folder / "deals.parquet")
    content = (folder / "deals.parquet").read_bytes()
    (folder / "deals.parquet").write_bytes(content[: len(content) // 2])
    assert "deals.parquet cannot be read as Parquet" in refusal()


def test_an_empty_bucket_is_an_error_that_says_what_to_do(folder: Path):
    message = refusal()
    assert str(folder) in message
    assert "<name>*.csv" in message


def test_a_bucket_that_does_not_exist_is_an_error_that_says_what_to_do(folder: Path):
    put(folder / "deals.csv", "deal_id", "1")
    load_files()
    (folder / "deals.csv").unlink()
    folder.rmdir()
    message = refusal()
    assert f"{folder} has no files or does not exist" in message
    assert "SOURCES__FILES__BUCKET_URL" in message
    assert query("deal_id from raw.deals") == [("1",)]


def test_a_load_says_how_many_rows_it_kept_aside(folder: Path, capsys: pytest.CaptureFixture):
    put(folder / "deals.csv", "deal_id,amount", "1,12", "2,twelve")
    report(load_files())
    assert "1 of them bad and kept aside" in capsys.readouterr().out


def test_files_that_are_no_table_are_listed_as_ignored(folder: Path):
    put(folder / "deals.csv", "deal_id,ammount", "1,5")
    put(folder / "dales.csv", "deal_id", "2")
    load_files()
    assert query("file, table_name, ignored_columns from raw.file_list order by 1") == [
        ("dales.csv", None, None),
        ("deals.csv", "deals", "ammount"),
    ]
    (folder / "deals.csv").rename(folder / "daels.csv")
    assert "SOURCES__FILES__REMOVED_FILES" in refusal()


def test_only_unknown_files_are_an_error(folder: Path):
    put(folder / "dales.csv", "deal_id", "2")
    assert "none of the files" in refusal()


def test_a_mapping_renames_files_columns_and_values(folder: Path):
    put(
        folder / "mapping.toml",
        "[deals]",
        'files = ["pipeline*.csv"]',
        "[deals.columns]",
        'deal_id = "Opportunity ID"',
        'currency = {value = "EUR"}',
        'stage = {column = "State", values = {"Won!" = "won", "n/a" = ""}}',
        'closed_at = {column = "Closed", format = "%d.%m.%Y"}',
        'deal_type = {column = "Kind", default = "new"}',
        "[[owners]]",
        'files = "pipeline*.csv"',
        "[owners.columns]",
        'owner_id = "Rep"',
        "[[owners]]",
        'files = "team.csv"',
    )
    put(
        folder / "Pipeline 2026.csv",
        "Opportunity ID,State,Closed,Kind,Rep,amount",
        "1,Won!,31.12.2025,,O'Neill,10",
        "2,n/a,31.02.2025,renewal,O'Neill,20",
        "3,open,,renewal,Zoë,30",
    )
    put(folder / "team.csv", "owner_id,team", "Zoë,North")
    put(folder / "deals.csv", "deal_id", "not read: the mapping says which files are deals")
    load_files()
    assert query("deal_id, currency, stage, closed_at, deal_type, amount from raw.deals order by 1") == [
        ("1", "EUR", "won", datetime(2025, 12, 31), "new", Decimal("10.00")),
        ("3", "EUR", "open", None, "renewal", Decimal("30.00")),
    ]
    assert query("file, line, column_name, value from raw.bad_rows") == [
        ("Pipeline 2026.csv", 3, "closed_at", "31.02.2025")
    ]
    assert query("owner_id, team from raw.owners order by 1") == [("O'Neill", None), ("Zoë", "North")]


def test_all_mistakes_of_a_mapping_are_told_at_once_with_what_is_allowed(folder: Path):
    put(folder / "deals.csv", "deal_id", "1")
    put(
        folder / "mapping.toml",
        "[deal]",
        'files = "x.csv"',
        "[deals.columns]",
        'deal = "x"',
        'amount = {column = "x", formt = "y"}',
        'stage = {values = {a = "b"}}',
        'company = {column = "x", format = "%Y"}',
    )
    message = refusal()
    assert "5 mistake(s)" in message
    assert "no table 'deal'; there are people, stage_changes" in message
    assert "[deals.columns] has no 'deal'; allowed are amount, closed_at" in message
    assert "[deals.columns] amount has no 'formt'; allowed are column, default, format" in message
    assert "[deals.columns] stage needs either column or value" in message
    assert "[deals.columns] company is no date or time" in message


def test_a_mapped_column_that_the_file_lacks_is_named(folder: Path):
    put(folder / "deals.csv", "Deal,Sum", "1,2")
    put(folder / "mapping.toml", "[deals.columns]", 'deal_id = "Deal"', 'amount = "Total"')
    message = refusal()
    assert "deals.csv" in message
    assert "reads a column 'Total'" in message
    assert "The header is: Deal, Sum" in message


def test_a_mapping_that_is_no_toml_is_named(folder: Path):
    put(folder / "deals.csv", "deal_id", "1")
    put(folder / "mapping.toml", "[deals")
    assert "mapping.toml is not valid TOML" in refusal()


def test_a_file_url_is_read_like_a_path(folder: Path, monkeypatch: pytest.MonkeyPatch):
    put(folder / "deals.csv", "deal_id", "1")
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", folder.as_uri())
    load_files()
    assert query("deal_id from raw.deals") == [("1",)]


def test_a_bucket_is_read_like_a_folder(monkeypatch: pytest.MonkeyPatch):
    bucket = fsspec.filesystem("memory")
    bucket.pipe("/handed/over/deals.csv", b"ID,amount\n1,2\n2,x\n")
    bucket.pipe("/handed/over/mapping.toml", b'[deals.columns]\ndeal_id = "ID"\n')
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", "memory://handed/over")
    load_files()
    assert query("deal_id, amount from raw.deals") == [("1", Decimal("2.00"))]
    assert query("file, line from raw.bad_rows") == [("deals.csv", 3)]


def test_a_bucket_without_credentials_says_which_settings_it_needs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for variable in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", "s3://handed/over")
    assert "s3://handed/over needs credentials: set SOURCES__FILESYSTEM__CREDENTIALS__" in refusal()


def test_a_bucket_that_cannot_be_reached_says_what_to_correct(monkeypatch: pytest.MonkeyPatch):
    settings = {"AWS_ACCESS_KEY_ID": "AKIA0", "AWS_SECRET_ACCESS_KEY": "hidden", "ENDPOINT_URL": "http://127.0.0.1:9"}
    for name, value in settings.items():
        monkeypatch.setenv(f"SOURCES__FILESYSTEM__CREDENTIALS__{name}", value)
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", "s3://handed/over")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    message = refusal()
    assert "s3://handed/over cannot be listed" in message
    assert "SOURCES__FILES__BUCKET_URL" in message
    assert "hidden" not in message


def test_without_a_bucket_every_table_of_the_contract_exists_and_is_empty():
    assert load_files().missing_settings == ("SOURCES__FILES__BUCKET_URL",)
    assert query("count(*) from raw.people") == [(0,)]
    assert len(query("* from information_schema.columns where table_schema = 'raw' and table_name = 'spend'")) == 14


def test_a_large_file_is_read_by_columns(folder: Path):
    """200,000 rows with a bad one at the end: the line is right across pyarrow's blocks."""
    with (folder / "touches.csv").open("w") as file:
        file.write("touch_id,person_id,touched_at,campaign\n")
        file.writelines(f'{i},p{i},2026-01-01,"two\nlines {i}"\n' for i in range(200_000))
        file.write("last,p,never,x\n")
    load_files()
    assert query("count(*) from raw.touches") == [(200_000,)]
    assert query("line from raw.bad_rows") == [(400_002,)]
