"""The cases and the bad input of README.md beside this file: each is held by tests that exist."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CASE = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
BAD_INPUT = re.compile(r"^\| (?!bad input \||---)([^|]+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def known(manifest: dict) -> set[str]:
    """The names of all tests, dbt's and pytest's."""
    names = {node["name"] for node in (*manifest["nodes"].values(), *manifest["unit_tests"].values())}
    for file in TESTS.rglob("test_*.py"):
        names.update(re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE))
    return names


def named(rows: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The tests of each row of a table."""
    return {what: re.findall(r"`(\w+)`", tests) for what, tests in rows}


def test_every_case_names_tests_that_exist(known: set[str]) -> None:
    cases = named(CASE.findall((TESTS / "README.md").read_text()))
    assert list(cases) == [str(number) for number in range(1, 37)]
    assert all(cases.values())
    assert {test for tests in cases.values() for test in tests} - known == set()


def test_every_bad_input_names_tests_that_exist(known: set[str]) -> None:
    [section] = re.findall(r"^## Bad input\n(.*?)^## ", (TESTS / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    bad_input = named(BAD_INPUT.findall(section))
    assert len(bad_input) == section.count("\n| ") - 1
    assert all(bad_input.values())
    assert {test for tests in bad_input.values() for test in tests} - known == set()
