"""Is the configuration sound? `python -m publishing.configuration`, before a night loads anything and before a build.

Reads the seeds and `vars.yml` as files, in a second, and tells all mistakes at once: file, line, what, what to do.

- A mistake stops the night if a number would be wrong or a model could not be built: an unknown stage, channel, column
  or setting, a rule said twice with two meanings, a pattern that is none, a clock that never runs, shares above 1.
- It warns if a rule only has no effect or time is left without terms: a rule behind a broader one, no default terms.

What a seed's columns must hold stands beside dbt's own tests in `seeds/_seeds.yml` and is read from there: a new seed
is checked like the others. What comes with the data - rates, targets - is judged by dbt's tests, which warn.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, time
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import duckdb
import yaml

from publishing.configured import Configuration, Mistake, Row, Seed, instead

PROJECT = Path("dbt_project")
# Compared with values in lower case: in another case they never match.
LOWER_CASE = {
    "activity_outcome_map": "crm_outcome",
    "campaign_aliases": "alias",
    "crm_stage_map": "crm_stage",
    "deal_type_map": "crm_deal_type",
    "engagement_rules": "touch_type",
    "reason_map": "crm_reason",
    "web_key_events": "event_name",
}
# Where the first rule that holds decides, and on what.
FIRST_RULE_DECIDES = {"channel_rules": "channel", "segment_rules": "segment"}
# The business hours of a year ahead are known; a response time that needs more is never due.
DAYS_AHEAD = 300


class ConfigurationError(ValueError):
    """The configuration has mistakes that stop the night; the message tells them all."""


def mistakes(project: Path = PROJECT) -> list[Mistake]:
    """Every mistake of the configuration, by file and line."""
    try:
        configuration = Configuration.read(project)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return [Mistake(mark.name, mark.line + 1, f"is no YAML: {error.problem}", "correct the file before all else")]
    found: list[Mistake] = []
    with duckdb.connect() as connection:
        for seed in configuration.seeds.values():
            found += [*_columns(seed), *_types(seed, connection), *_patterns(seed, connection)]
            found += _declared(seed, configuration)
        for rules in (
            _lower_case,
            _rules_in_order,
            _terms,
            _default_terms,
            _pauses,
            _ramps,
            _var_names,
            _var_values,
            _shares,
        ):
            found += rules(configuration)
    return sorted(found)


def require_sound_configuration(project: Path = PROJECT) -> None:
    """Print what warns; raise ConfigurationError with every mistake that stops the night, if there is any."""
    found = mistakes(project)
    for mistake in found:
        if not mistake.stops:
            print(f"  warning     {mistake}", flush=True)
    stopping = [f"\n  {mistake}" for mistake in found if mistake.stops]
    if stopping:
        raise ConfigurationError(f"mistakes in the configuration ({len(stopping)}):{''.join(stopping)}")


def is_sound() -> bool:
    """Whether no mistake stops the night."""
    return not any(mistake.stops for mistake in mistakes())


# What every seed is held to


def _columns(seed: Seed) -> Iterator[Mistake]:
    if not seed.path.exists():
        yield seed.mistake(None, "the seed is missing", "restore it; without rows it still needs its header")
        return
    for column in seed.header:
        if column not in seed.types:
            yield seed.mistake(None, f"unknown column {column!r}", instead(column, set(seed.types)))
    for column in seed.types:
        if column not in seed.header:
            yield seed.mistake(None, f"no column {column!r}", "add it; its cells may be empty")
    for row in seed.rows:
        if None in row.cells:
            yield seed.mistake(row, "more cells than columns", "put quotes around a cell with a comma in it")


def _types(seed: Seed, connection: duckdb.DuckDBPyConnection) -> Iterator[Mistake]:
    for column, data_type in seed.types.items():
        values = sorted({row[column] for row in seed.rows if row[column]})
        query = f"select value from (select unnest(?::varchar[]) as value) where try_cast(value as {data_type}) is null"
        wrong = {value for (value,) in connection.execute(query, [values]).fetchall()}
        for row in seed.rows:
            if row[column] in wrong:
                yield seed.mistake(row, f"{column} {row[column]!r} is no {data_type}", "correct it")


def _patterns(seed: Seed, connection: duckdb.DuckDBPyConnection) -> Iterator[Mistake]:
    for column in (column for column in seed.types if column.endswith("pattern")):
        for row in seed.rows:
            try:
                connection.execute("select regexp_matches('', ?)", [row[column]]).fetchall()
            except duckdb.Error as error:
                what = f"{column} {row[column]!r} is no regular expression"
                yield seed.mistake(row, what, str(error).splitlines()[0])


def _declared(seed: Seed, configuration: Configuration) -> Iterator[Mistake]:
    """What dbt's tests in `_seeds.yml` will ask of the seed."""
    if not seed.declared:
        yield seed.mistake(None, "nobody says what its columns hold", "describe it in seeds/_seeds.yml")
    tests = [([], test) for test in seed.declared.get("data_tests", [])]
    for column in seed.declared.get("columns", []):
        tests += [([column["name"]], test) for test in column.get("data_tests", [])]
    for columns, test in tests:
        kind, properties = next(iter(test.items())) if isinstance(test, dict) else (test, {})
        stops = properties.get("config", {}).get("severity") != "warn"
        arguments = {"columns": columns, **properties.get("arguments", {})}
        for mistake in DECLARED[kind](seed, configuration, **arguments) if kind in DECLARED else ():
            yield replace(mistake, stops=stops)


def _not_null(seed: Seed, _: Configuration, columns: list[str]) -> Iterator[Mistake]:
    for row in seed.rows:
        if row[columns[0]] is None:
            yield seed.mistake(row, f"{columns[0]} is empty", "fill it in")


def _unique(seed: Seed, _: Configuration, columns: list[str]) -> Iterator[Mistake]:
    first_line: dict[tuple, int] = {}
    for row in seed.rows:
        key = tuple(row[column] for column in columns)
        if first_line.setdefault(key, row.line) != row.line and any(key):
            what = f"{', '.join(columns)} {', '.join(repr(value or '') for value in key)} stands twice"
            yield seed.mistake(row, what, f"keep one of lines {first_line[key]} and {row.line}")


def _accepted(seed: Seed, _: Configuration, columns: list[str], values: list) -> Iterator[Mistake]:
    known = {str(value) for value in values}
    for row in seed.rows:
        if row[columns[0]] and row[columns[0]] not in known:
            yield seed.mistake(row, f"unknown {columns[0]} {row[columns[0]]!r}", instead(row[columns[0]], known))


def _related(seed: Seed, configuration: Configuration, columns: list[str], to: str, field: str) -> Iterator[Mistake]:
    name = re.sub(r"\W|ref", "", to)
    known = configuration.values(name, field)
    for row in seed.rows if name in configuration.seeds else ():
        if row[columns[0]] and row[columns[0]] not in known:
            remedy = f"{instead(row[columns[0]], known)} or add it to the seed {name}"
            yield seed.mistake(row, f"unknown {columns[0]} {row[columns[0]]!r}", remedy)


DECLARED: dict[str, Callable[..., Iterator[Mistake]]] = {
    "not_null": _not_null,
    "unique": _unique,
    "unique_combination": _unique,
    "accepted_values": _accepted,
    "relationships": _related,
}


# What single seeds are held to


def _lower_case(configuration: Configuration) -> Iterator[Mistake]:
    for name, column in LOWER_CASE.items():
        for row in configuration.seeds[name].rows:
            value = row[column] or ""
            if value != value.lower().strip():
                what = f"{column} {value!r} never matches, for it is compared in lower case"
                yield configuration.seeds[name].mistake(row, what, f"write {value.lower().strip()!r}")


def _rules_in_order(configuration: Configuration) -> Iterator[Mistake]:
    """Two rules for one thing, and rules that never come into play because a broader one comes before them."""
    for name, decides in FIRST_RULE_DECIDES.items():
        seed = configuration.seeds[name]
        ordered = sorted((row for row in seed.rows if _number(row["priority"]) is not None), key=_priority)
        for first, second in combinations(ordered, 2):
            broad, narrow = (_conditions(row, decides) for row in (first, second))
            if broad == narrow and first[decides] != second[decides]:
                what = f"the conditions of line {first.line} again, for {second[decides]!r} and not {first[decides]!r}"
                yield seed.mistake(second, what, "keep one of the two rules")
            elif broad <= narrow:
                what = f"never comes into play: line {first.line} takes all of it"
                yield seed.mistake(second, what, "delete it or give it a lower priority number", stops=False)


def _priority(row: Row) -> tuple[float, int]:
    return _number(row["priority"]), row.line


def _conditions(row: Row, decides: str) -> set[tuple]:
    return {(column, value) for column, value in row.cells.items() if value and column not in ("priority", decides)}


def _terms(configuration: Configuration) -> Iterator[Mistake]:
    seed = configuration.seeds["sla_terms"]
    for row in seed.rows:
        yield from (seed.mistake(row, what, remedy) for what, remedy in _wrong_terms(row))


def _wrong_terms(row: Row) -> Iterator[tuple[str, str]]:
    hours, leads, days = _number(row["response_hours"]), _number(row["committed_leads"]), row["working_days"] or ""
    opens, closes = (_clock(row[column]) for column in ("day_starts_at", "day_ends_at"))
    if row["time_zone"] not in _time_zones():
        yield f"unknown time_zone {row['time_zone']!r}", instead(row["time_zone"] or "", _time_zones())
    if not re.fullmatch("[1-7]+", days) or len(set(days)) < len(days):
        yield f"working_days {days!r} are no days of a week", "write each working day once, 1 (Monday) to 7: 12345"
    if opens is None or closes is None or opens >= closes:
        what = f"business hours from {row['day_starts_at']!r} to {row['day_ends_at']!r}"
        yield what, "write two times of one day as HH:MM, the earlier first: 09:00 and 17:00"
    elif hours and days and hours > (_hours(closes) - _hours(opens)) * len(set(days)) / 7 * DAYS_AHEAD:
        yield f"response_hours {row['response_hours']} are more business hours than a year has", "agree on less"
    if hours is not None and hours <= 0:
        yield f"response_hours {row['response_hours']} are no time to respond in", "write more than 0"
    if leads is not None and leads < 0:
        yield f"committed_leads {row['committed_leads']} is no promise", "write 0 or more"


@cache
def _time_zones() -> set[str]:
    """The names that DuckDB's clock knows."""
    with duckdb.connect() as connection:
        return {name for (name,) in connection.execute("select name from pg_timezone_names()").fetchall()}


def _clock(value: str | None) -> time | None:
    return time.fromisoformat(value) if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value or "") else None


def _hours(moment: time) -> float:
    return moment.hour + moment.minute / 60


def _number(value: str | None) -> float | None:
    return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value or "") else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _default_terms(configuration: Configuration) -> Iterator[Mistake]:
    seed = configuration.seeds["sla_terms"]
    dated = [row for row in seed.rows if _day(row["valid_from"])]
    defaults = [row["valid_from"] for row in dated if row["segment"] is None]
    if not defaults:
        yield seed.mistake(
            None, "no terms without a segment", "add the default terms, or other segments owe nothing", stops=False
        )
    for row in dated:
        if row["segment"] and defaults and row["valid_from"] < min(defaults):
            what = f"nothing is owed to other segments from {row['valid_from']} until the first default terms"
            yield seed.mistake(row, what, "let default terms begin as early", stops=False)


def _pauses(configuration: Configuration) -> Iterator[Mistake]:
    seed = configuration.seeds["sla_pauses"]
    dated = [row for row in seed.rows if _day(row["start_date"]) and _day(row["end_date"])]
    for row in dated:
        if row["end_date"] < row["start_date"]:
            yield seed.mistake(row, f"a pause that ends on {row['end_date']} before it begins", "correct its days")
    for first, second in pairwise(sorted(dated, key=lambda row: row["start_date"])):
        if second["start_date"] <= first["end_date"]:
            what = f"overlaps the pause of line {first.line}"
            yield seed.mistake(second, what, "its days count once; make it one pause", stops=False)


def _ramps(configuration: Configuration) -> Iterator[Mistake]:
    """A ramp says from the first month of service on which share of a quota counts: 0 to 1."""
    seed = configuration.seeds["quota_ramps"]
    first_months: dict[str, tuple[float, Row]] = {}
    for row in seed.rows:
        month, share = _number(row["from_month"]), _number(row["share"])
        if not row["ramp"]:
            yield seed.mistake(row, "ramp is empty", "fill it in; targets name it")
        if month is None or month < 0:
            yield seed.mistake(row, f"from_month {row['from_month'] or ''!r} is no month of service", "count from 0")
        elif month < first_months.get(row["ramp"], (month + 1, row))[0]:
            first_months[row["ramp"]] = month, row
        if share is not None and not 0 <= share <= 1:
            yield seed.mistake(row, f"share {row['share']} of a quota", "write a share from 0 to 1")
    for ramp, (month, row) in first_months.items():
        if ramp and month > 0:
            what = f"the ramp {ramp!r} begins with month {row['from_month']}"
            yield seed.mistake(row, what, "say what counts from month 0 on, or new reps have no quota until then")


# The vars


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


def _var_values(configuration: Configuration) -> Iterator[Mistake]:
    models = {path.stem for path in configuration.project.glob("models/staging/**/*.sql")}
    countries = configuration.values("holidays", "country")
    attribution_models = configuration.values("attribution_models", "attribution_model")
    rules: dict[str, tuple[Callable[[object], bool], str]] = {
        "attribution_lookback_days": (lambda value: value is None or _is_count(value, 1), "a number of days, or null"),
        "business_country": (lambda value: value in countries, "a country of the seed holidays"),
        "business_time_zone": (lambda value: value in _time_zones(), "a time zone such as Europe/Berlin"),
        "calendar_start_date": (_day, "a day such as 2000-01-01"),
        "constant_currency_date": (lambda value: value is None or _day(value), "a day such as 2026-01-01, or null"),
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


def main() -> int:
    """Tell every mistake; 1 if one of them stops the night."""
    try:
        require_sound_configuration()
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    print("the configuration is sound")
    return 0


if __name__ == "__main__":
    sys.exit(main())
