"""What a night leaves out is counted by its reason, and named without naming anybody."""

import duckdb

from publishing.left_out import left_out
from publishing.nights import build_file

KEPT_ASIDE = """
    create schema intermediate;
    create table intermediate.int_people__excluded as select 'p1' as person_key, 'junk' as exclusion_reason;
    create table intermediate.int_stage_events__unmapped as
        select 'files' as crm, 'hot' as crm_stage, 3 as events
        union all select 'files', 'ana@example.com', 1 union all select 'files', 'zoe@example.com', 2;
    create table intermediate.int_activity_outcomes__unmapped as
        select 'hubspot' as source, 'b0bc' as source_outcome, 4 as activities
        union all select 'files', 'ana@example.com', 1;
    create table intermediate.int_activities__undated as
        select 'hubspot' as source, 'call' as activity_type, '1' as source_activity_id
        union all select 'hubspot', 'call', '2' union all select 'files', 'email', 'ana@example.com';
    create table intermediate.int_identities__judged as
        select 'email' as identifier_type, 'ana@example.com' as identifier, 'too many' as refusal_reason,
            false as is_bound
        union all select 'email', 'ana@example.com', 'too many', false
        union all select 'email', 'zoe@example.com', null, true;
    create table intermediate.int_touches__unowned as
        select 'files' as source, 'unknown person' as reason, 2 as touches;
    create table intermediate.int_deals__undated as
        select 'files' as source, 'd1' as source_deal_id union all select 'files', 'ana@example.com';
    create table intermediate.int_subscription_changes__strayed as
        select 'ana@example.com' as subscription_id, 'after its end' as reason
"""


def test_each_reason_is_counted_and_names_nobody() -> None:
    build_file().parent.mkdir(parents=True)
    with duckdb.connect(str(build_file())) as connection:
        connection.execute(KEPT_ASIDE)
    assert left_out() == {
        "activity without a time: files email": 1,
        "activity without a time: hubspot call": 2,
        "outcome that is not mapped: files ***": 1,
        "outcome that is not mapped: hubspot b0bc": 4,
        "person: junk": 1,
        "shared identifier: email too many": 1,
        "stage that is not mapped: files ***": 3,
        "stage that is not mapped: files hot": 3,
        "subscription: after its end": 1,
        "touch without a person: files unknown person": 2,
        "won deal without a closing moment: files": 2,
    }
