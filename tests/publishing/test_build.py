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
