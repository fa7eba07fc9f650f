"""What sqlfluff's Jinja needs to read our models without dbt: stand-ins that give any SQL of the right shape.

sqlfluff's own dbt templater compiles every model through dbt, which takes a minute; style does not depend on values.
"""

from pathlib import Path

import yaml

# sqlfluff runs from the root and reads this file from a folder above its own.
VARS = yaml.safe_load((Path("dbt_project") / "vars.yml").read_text())["vars"]


# Our macros that are whole queries.
QUERIES = {"day_spine", "components"}


class Expression(str):
    """Something that stands for one SQL expression, whatever is asked of it."""

    def __call__(self, *args: object, **kwargs: object) -> "Expression":
        return self

    def __getattr__(self, name: str) -> "Expression":
        if name in {"unsafe_callable", "alters_data"}:  # how Jinja's sandbox asks whether it may call this
            raise AttributeError(name)
        return self


class Dbt:
    """`dbt.type_string()`, `dbt.dateadd(...)`, ...: types where they stand for types, else an expression."""

    def __getattr__(self, name: str) -> Expression:
        return Expression("varchar" if name.startswith("type_") else "some_column")


class Adapter:
    """`adapter.dispatch(name)(...)`: one expression, or a query where the macro is one."""

    def dispatch(self, name: str, *args: object) -> Expression:
        return Expression("select some_column" if name in QUERIES else "some_column")


adapter = Adapter()
dbt = Dbt()
execute = True
target = Expression("target")


def env_var(name: str, default: str = "") -> str:
    """A setting."""
    return default or "2026-06-30"


def var(name: str, default: object = None) -> object:
    """A var of the project."""
    return VARS.get(name, default)


globals()["return"] = lambda value: value
