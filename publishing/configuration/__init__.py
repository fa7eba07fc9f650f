"""Is the configuration sound? `python -m publishing.configuration`, before a night loads anything and before a build.

Reads the seeds, `vars.yml`, what the next load would read of the user's files and, for their currencies, the records
that raw holds, in seconds, and tells all mistakes at once: file and line or table, what, what to do.

- A mistake stops the night if a number would be wrong or a model could not be built: an unknown stage, channel, column
  or setting, a rule said twice with two meanings, two quotas of one period and day, a pattern that is none, shares
  above 1.
- It warns if a rule only has no effect, or time is left without terms, targets or rates: what such days are is defined.

What a seed's columns must hold stands beside dbt's own tests in `seeds/_seeds.yml` and is read from there: a new seed
is checked like the others. The same holds for a new source: its `meta` says which amounts need an exchange rate.
"""

from pathlib import Path

import yaml

from publishing.configuration.deliveries import deliveries
from publishing.configuration.rules import rules
from publishing.configuration.seeds import seeds
from publishing.configuration.settings import settings
from publishing.configuration.terms import terms
from publishing.configured import Configuration, Mistake

PROJECT = Path("dbt_project")


class ConfigurationError(ValueError):
    """The configuration has mistakes that stop the night; the message tells them all."""


def mistakes(project: Path = PROJECT) -> list[Mistake]:
    """Every mistake of the configuration, by file and line."""
    try:
        configuration = Configuration.read(project)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return [Mistake(mark.name, mark.line + 1, f"is no YAML: {error.problem}", "correct the file before all else")]
    return sorted(mistake for part in (seeds, rules, terms, settings, deliveries) for mistake in part(configuration))


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
