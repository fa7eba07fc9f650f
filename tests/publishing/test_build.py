"""What a build leaves behind, and what it says of a test that failed."""

import signal
import subprocess
import sys

import duckdb

from publishing.build import remove_last_build, told_test
from publishing.nights import build_file

SPILLING = """
import os, signal, sys
import duckdb
connection = duckdb.connect(sys.argv[1], config={"memory_limit": "30MB", "threads": 1})
rows = connection.execute("select i, hash(i) as h from range(3000000) as rows (i) order by h")
rows.fetchone()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_build_that_was_killed_while_it_used_the_disk_is_removed_whole() -> None:
    build_file().parent.mkdir(parents=True)
    killed = subprocess.run([sys.executable, "-c", SPILLING, str(build_file())])
    assert killed.returncode == -signal.SIGKILL
    assert build_file().with_name("warehouse.duckdb.tmp").is_dir()
    remove_last_build()
    assert list(build_file().parent.iterdir()) == []


def test_a_failed_test_names_the_rule_the_count_and_example_keys_but_no_personal_data() -> None:
    build_file().parent.mkdir(parents=True)
    with duckdb.connect(str(build_file())) as connection:
        connection.execute("create table contacts as select 'p1' as person_key, 'ana@example.com' as email")
    result = {
        "unique_id": "test.smarketing_warehouse.assert_contacts_have_an_owner.d5115dd254",
        "status": "fail",
        "failures": 1,
        "compiled_code": "select * from contacts",
    }
    told = told_test(result)
    assert told == "  critical    dbt test assert_contacts_have_an_owner: not so for 1 rows, e.g. person_key=p1"


def test_a_key_that_is_an_address_or_a_phone_number_is_masked() -> None:
    build_file().parent.mkdir(parents=True)
    with duckdb.connect(str(build_file())) as connection:
        connection.execute(
            "create table people as select 'ana@example.com' as source_key, '+33 6 12 34 56 78' as a_key"
        )
    result = {
        "unique_id": "test.smarketing_warehouse.assert_people_have_an_owner.d5115dd254",
        "status": "warn",
        "failures": 1,
        "compiled_code": "select * from people",
    }
    assert told_test(result).endswith("not so for 1 rows, e.g. source_key=***, a_key=***")
