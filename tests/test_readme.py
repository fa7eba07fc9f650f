"""What the README says works as it is written there."""

import re
import subprocess
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


def test_make_nightly_says_the_exit_code_that_make_cannot_have() -> None:
    nightly = ["make", "nightly", "--assume-old=setup"]
    ended = subprocess.run([*nightly, "RUN=sh -c 'exit 3'"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "nightly] Error 3" in ended.stderr


def test_schedulers_are_given_the_command_that_make_nightly_runs() -> None:
    [command] = re.findall(r"`(\.venv/bin/uv run [^`]*python -m dags)`", README)
    dry_run = ["make", "nightly", "--assume-old=setup", "--dry-run", "--no-print-directory"]
    recipe = subprocess.run(dry_run, capture_output=True, text=True, check=True).stdout
    local = {"--quiet", "--env-file", ".env"}  # make leaves the latter out where there is no such file
    assert [word for word in recipe.split() if word not in local] == [
        word for word in command.split() if word not in local
    ]
