"""Who is who: what the models make of identifiers, against a search of our own, and what is published of it."""

from collections import defaultdict
from collections.abc import Hashable, Iterable

import duckdb

from tests.warehouse.conftest import Night

RESOLVING = "+int_people__resolved int_identities__judged"


def components(links: Iterable[tuple[Hashable, Hashable]]) -> set[frozenset]:
    """The nodes that chains of shared hubs link, by union and find; `links` are pairs of node and hub."""
    leader: dict[Hashable, Hashable] = {}

    def find(node: Hashable) -> Hashable:
        while leader.setdefault(node, node) != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    nodes = set()
    for node, hub in links:
        nodes.add(node)
        leader[find(("node", node))] = find(("hub", hub))
    found = defaultdict(set)
    for node in nodes:
        found[find(("node", node))].add(node)
    return {frozenset(group) for group in found.values()}


def test_who_is_one_person_follows_from_the_published_links_alone(night: Night) -> None:
    links = night.rows(
        "select record_key, identifier_type, identifier_hash, is_bound, person_key from sales.fct_identity_links"
    )
    told = defaultdict(set)
    for record, *_, person in links:
        told[person].add(record)
    assert {frozenset(records) for records in told.values()} == components(
        (record, (kind, identifier)) for record, kind, identifier, is_bound, _ in links if is_bound
    )
    assert all(person in records for person, records in told.items()), "a person is named after one of the records"
    assert told.keys() == {key for (key,) in night.rows("select person_key from core.dim_people")}
    assert any(len(records) > 2 for records in told.values())


def test_no_identifier_can_be_read_or_guessed_from_what_is_published(night: Night) -> None:
    guesses = """
        select count(*) from sales.fct_identity_links as links
        inner join intermediate.int_identities__judged as judged
            on links.identifier_hash in (
                judged.identifier, md5(judged.identifier), sha256(judged.identifier),
                md5(judged.identifier_type || '|' || judged.identifier),
                sha256(judged.identifier_type || '|' || judged.identifier)
            )
    """
    assert night.rows(guesses) == [(0,)]
    (salt,) = (
        duckdb.connect(str(night.warehouse.parents[1] / "raw" / "identity.duckdb")).execute("from raw.salts").fetchone()
    )
    assert len(salt) == 64
    assert salt.encode() not in night.warehouse.read_bytes()
