"""The vars: known, set once, with values that mean something."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from publishing.configuration.cells import day, time_zones
from publishing.configured import Configuration, Mistake, instead


def settings(configuration: Configuration) -> Iterator[Mistake]:
    """Unknown and missing vars, and values that mean nothing."""
    for part in (_var_names, var_values, _shares):
        yield from part(configuration)


def _var_names(configuration: Configuration) -> Iterator[Mistake]:
    used = _used_vars(configuration.project)
    for name, line in configuration.var_lines:
        if name not in used:
            what = f"unknown setting {name!r}"
            yield replace(configuration.var_mistake(name, what, instead(name, set(used))), line=line)
        if line != dict(configuration.var_lines)[name]:
            yield replace(configuration.var_mistake(name, f"{name} is set twice", "keep one"), line=line)
    for name, has_default in used.items():
        if name not in configuration.vars and not has_default:
            yield configuration.var_mistake(name, f"{name} is not set", "set it; models read it")


def _used_vars(project: Path) -> dict[str, bool]:
    """The vars that models, macros and tests read, and whether each has a default everywhere."""
    used: dict[str, bool] = {}
    for path in [*project.glob("models/**/*"), *project.glob("macros/**/*"), *project.glob("tests/**/*")]:
        if path.suffix in (".sql", ".yml"):
            for name, comma in re.findall(r"(?<!env_)\bvar\(\s*['\"](\w+)['\"]\s*(,?)", path.read_text()):
                used[name] = used.get(name, True) and bool(comma)
    return used


def var_values(configuration: Configuration) -> Iterator[Mistake]:
    """Values that no model could read, or not as they are meant."""
    models = {path.stem for path in configuration.project.glob("models/staging/**/*.sql")}
    countries = configuration.values("holidays", "country")
    attribution_models = configuration.values("attribution_models", "attribution_model")
    rules: dict[str, tuple[Callable[[object], bool], str]] = {
        "attribution_lookback_days": (lambda value: value is None or _is_count(value, 1), "a number of days, or null"),
        "business_country": (lambda value: value in countries, "a country of the seed holidays"),
        "business_time_zone": (lambda value: value in time_zones(), "a time zone such as Europe/Berlin"),
        "calendar_start_date": (day, "a day such as 2000-01-01"),
        "constant_currency_date": (lambda value: value is None or day(value), "a day such as 2026-01-01, or null"),
        "default_attribution_model": (lambda value: value in attribution_models, "a model of attribution_models"),
        "fiscal_year_start_month": (lambda value: _is_count(value, 1) and value <= 12, "a month from 1 to 12"),
        "fx_rate_max_age_days": (lambda value: _is_count(value, 0), "a number of days"),
        "machine_open_seconds": (lambda value: _is_count(value, 0), "a number of seconds"),
        "reporting_currency": (lambda value: re.fullmatch("[A-Z]{3}", str(value)), "a currency's code such as USD"),
        "session_timeout_minutes": (lambda value: _is_count(value, 1), "a number of minutes"),
        "time_decay_half_life_days": (
            lambda value: isinstance(value, int | float) and value > 0,
            "a number of days above 0",
        ),
        "ad_platforms": (
            lambda value: isinstance(value, list) and models >= {f"stg_{name}__campaign_daily" for name in value},
            "a list of platforms, each with models in models/staging/",
        ),
        "crm_probability_scale": (
            lambda value: isinstance(value, dict) and set(value.values()) <= {1, 100},
            "1 or 100 for each CRM",
        ),
    }
    for name, (is_right, expected) in rules.items():
        if name in configuration.vars and not is_right(configuration.vars[name]):
            what = f"{name} is {configuration.vars[name]!r}"
            yield configuration.var_mistake(name, what, f"write {expected}")


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _shares(configuration: Configuration) -> Iterator[Mistake]:
    """The touches with a role take their shares, what is left is the others': together 1 at most."""
    for model in sorted(configuration.values("attribution_models", "attribution_model")):
        shares = {
            name: value for name, value in configuration.vars.items() if re.fullmatch(rf"{model}_\w+_share", name)
        }
        wrong = [name for name, value in shares.items() if not isinstance(value, int | float) or not 0 <= value <= 1]
        for name in wrong:
            yield configuration.var_mistake(name, f"{name} is {shares[name]!r}", "write a share from 0 to 1")
        if not wrong and sum(shares.values()) > 1 + 1e-9:
            what = f"the shares of {model} make {round(sum(shares.values()), 9)}, more than 1"
            yield configuration.var_mistake(next(iter(shares)), what, f"lower one of {', '.join(shares)}")
