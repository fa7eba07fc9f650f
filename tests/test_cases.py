"""The list of cases in README.md beside this file: each is held by tests that exist."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
ROW = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def test_every_case_names_tests_that_exist(manifest: dict) -> None:
    cases = {
        int(number): re.findall(r"`(\w+)`", tests) for number, tests in ROW.findall((TESTS / "README.md").read_text())
    }
    known = {node["name"] for node in (*manifest["nodes"].values(), *manifest["unit_tests"].values())}
    for file in TESTS.rglob("test_*.py"):
        known.update(re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE))
    assert list(cases) == list(range(1, 37))
    assert all(cases.values())
    assert {test for tests in cases.values() for test in tests} - known == set()
