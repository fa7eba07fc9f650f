"""The configuration as its files say it: seeds, what `_seeds.yml` declares of them, and `vars.yml`, line by line."""

import csv
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import yaml


def counted(number: int, thing: str) -> str:
    """So many things, in words: 1 row, 2 rows."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


@dataclass(frozen=True, order=True)
class Mistake:
    """Something wrong in one line of a file of the configuration, and what to do about it; line 0 is all of it."""

    file: str
    line: int
    what: str
    remedy: str
    stops: bool = True

    def __str__(self) -> str:
        return f"{self.file}{f':{self.line}' if self.line else ''}: {self.what} - {self.remedy}"


@dataclass(frozen=True)
class Row:
    """A line of a seed; an empty cell is None, as dbt reads it."""

    line: int
    cells: dict[str | None, str | None]

    def __getitem__(self, column: str) -> str | None:
        return self.cells.get(column)


@dataclass(frozen=True)
class Seed:
    """A list of the configuration and what `_seeds.yml` says of it."""

    path: Path
    declared: dict

    @property
    def types(self) -> dict[str, str]:
        """The declared type of each column."""
        return self.declared.get("config", {}).get("column_types", {})

    @cached_property
    def header(self) -> list[str]:
        """The columns it has; none if there is no file."""
        if not self.path.exists():
            return []
        with self.path.open(newline="", encoding="utf-8") as file:
            return next(csv.reader(file), [])

    @cached_property
    def rows(self) -> list[Row]:
        """Its lines after the header; none if there is no file."""
        if not self.path.exists():
            return []
        with self.path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            return [Row(reader.line_num, {key: value or None for key, value in cells.items()}) for cells in reader]

    def mistake(self, row: Row | None, what: str, remedy: str, stops: bool = True) -> Mistake:
        """A mistake in one of its lines; in the header without one."""
        return Mistake(str(self.path), row.line if row else 1, what, remedy, stops)


@dataclass(frozen=True)
class Configuration:
    """All that is configured: seeds by name, and vars with the lines in which they stand."""

    project: Path
    seeds: dict[str, Seed]
    vars: dict[str, object]
    var_lines: list[tuple[str, int]]

    @classmethod
    def read(cls, project: Path) -> "Configuration":
        """Everything under the project's `seeds/` and its `vars.yml`; raises yaml.YAMLError."""
        with (project / "seeds" / "_seeds.yml").open() as file:
            declared = {seed["name"]: seed for seed in yaml.safe_load(file)["seeds"]}
        names = declared.keys() | {path.stem for path in project.glob("seeds/*.csv")}
        seeds = {name: Seed(project / "seeds" / f"{name}.csv", declared.get(name, {})) for name in sorted(names)}
        path = project / "vars.yml"
        with path.open() as file:
            told = next(value for key, value in yaml.compose(file).value if key.value == "vars")
        lines = [(key.value, key.start_mark.line + 1) for key, _ in told.value]
        return cls(project, seeds, yaml.safe_load(path.read_text())["vars"], lines)

    def values(self, seed: str, column: str) -> set[str]:
        """What stands in a column of a seed; nothing if there is no such seed."""
        return {row[column] for row in self.seeds[seed].rows if row[column]} if seed in self.seeds else set()

    def var_mistake(self, name: str, what: str, remedy: str) -> Mistake:
        """A mistake in the last line that sets a var; in the first of the file if none does."""
        return Mistake(str(self.project / "vars.yml"), dict(self.var_lines).get(name, 1), what, remedy)


def instead(value: str, known: set[str]) -> str:
    """What may be meant by a value that nobody knows."""
    if close := get_close_matches(value, sorted(known), n=1):
        return f"did you mean {close[0]!r}?"
    shown = sorted(known)[:12]
    return f"known are {', '.join(shown)}{' ...' if len(known) > len(shown) else ''}"
