"""What a build says of a test that failed."""

import duckdb

from publishing.build import told_test
from publishing.nights import build_file


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
