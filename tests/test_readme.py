"""What the README says works as it is written there."""

import re
from pathlib import Path

from ingestion.mapping import parse_mapping

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def block(language: str) -> str:
    """The README's first example in that language."""
    return re.search(rf"```{language}\n(.*?)```", README, re.DOTALL).group(1)


def test_the_mapping_of_the_readme_is_followed() -> None:
    rules = {rule.table: rule for rule in parse_mapping(block("toml"))}
    assert rules["deals"].columns["stage"].values == {"Engaging": "proposal", "Won": "won", "Lost": "lost"}
    assert rules["owners"].matches("sales_teams.csv")


def test_the_python_of_the_readme_is_python() -> None:
    compile(block("python"), "README.md", "exec")


def test_every_make_target_the_readme_names_exists_and_all_are_listed() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"(?:^|`|\d )make ([a-z]+)", README, re.MULTILINE))
    assert named <= targets
    listed = re.search(r"lists all targets: `([a-z ]+)`", README).group(1).split()
    assert set(listed) == targets - {"help"}


def test_every_file_the_readme_names_exists() -> None:
    named = re.findall(r"`((?:ingestion|tests|dags|expectations|publishing|dbt_project)/[\w/.]*)`", README)
    assert [path for path in named if not (ROOT / path).exists()] == []
