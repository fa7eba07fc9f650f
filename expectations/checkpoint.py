"""Run the checks: `python -m expectations.checkpoint raw|marts`, for AS_OF or else the newest day loaded or built.

`raw` judges what arrived, `marts` the built tables. Every suite runs in this one process. Prints each rule that failed
with its table, count and example keys; the results stay beside the build file as `checks.json` and as GX data docs in
`data_docs/<raw|marts>/`. Exit code 1 if a critical rule failed, else 0: warnings are told and do not stop the night.
"""

import argparse
import json
import logging
import os
import shutil
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
from great_expectations.core import ExpectationValidationResult
from great_expectations.datasource.fluent import SQLDatasource
from sqlalchemy import text

from expectations import alignment, core, marketing, raw, sales
from expectations.rules import CRITICAL, Suite
from expectations.warehouse import warehouse
from ingestion.freshness import stand_on_loaded_day
from ingestion.masking import masked
from publishing.nights import build_file, stand_on_built_day

PHASES = ("raw", "marts")
EXAMPLES = 5


@dataclass(frozen=True)
class Check:
    """The outcome of one rule; `examples` are keys of rows that break it, `error` says why it could not be judged."""

    phase: str
    table: str
    rule: str
    severity: str
    success: bool
    count: int = 0
    examples: list[dict] = field(default_factory=list)
    error: str | None = None


def suites(phase: str) -> dict[str, Suite]:
    """The suites of a phase by the full name of their table: `hubspot.raw.contacts`, `build.marketing.fct_spend`."""
    if phase == "raw":
        return raw.suites()
    marts = core.SUITES | marketing.SUITES | sales.SUITES | alignment.SUITES
    return {f"build.{table}": suite for table, suite in marts.items()}


def run(phase: str, site: Path | None = None) -> list[Check]:
    """Judge every rule of a phase; `site` is the folder that the data docs are written to."""
    with warehouse() as (context, source):
        checks = []
        for table, suite in suites(phase).items():
            checks += _checked(context, source, phase, table, suite)
        if site is not None:
            _write_site(context, site)
    return checks


def check(phase: str) -> bool:
    """Judge a phase, keep and print the results; False if a critical rule failed."""
    folder = build_file().parent
    folder.mkdir(parents=True, exist_ok=True)
    checks = run(phase, folder / "data_docs" / phase)
    _keep(checks, phase, folder / "checks.json")
    failed = [check for check in checks if not check.success]
    for check in sorted(failed, key=lambda check: check.severity):
        print(_told(check), flush=True)
    critical = sum(check.severity == CRITICAL for check in failed)
    warnings = len(failed) - critical
    print(f"  checked     {phase}: {len(checks)} rules, {critical} critical failures, {warnings} warnings", flush=True)
    return not critical


def critical_failures(phase: str) -> str:
    """The critical rules that failed when the phase was last checked: table, rule, count and example keys of each."""
    checks = [Check(**check) for check in json.loads((build_file().parent / "checks.json").read_text())]
    failed = [check for check in checks if check.phase == phase and not check.success and check.severity == CRITICAL]
    return "; ".join(_why(check) for check in failed)


def _checked(context, source: SQLDatasource, phase: str, table: str, suite: Suite) -> list[Check]:
    asset = source.add_query_asset(table, query=f"select * from {table}")
    batch = asset.add_batch_definition_whole_table("all")
    expectations = context.suites.add(gx.ExpectationSuite(table, expectations=suite.expectations()))
    definition = gx.ValidationDefinition(name=table, data=batch, suite=expectations)
    outcome = context.validation_definitions.add(definition).run(
        result_format={
            "result_format": "SUMMARY",
            "unexpected_index_column_names": list(suite.key),
            "partial_unexpected_count": EXAMPLES,
        }
    )
    return [_check(source, phase, table, suite, result) for result in outcome.results]


def _check(source: SQLDatasource, phase: str, table: str, suite: Suite, result: ExpectationValidationResult) -> Check:
    configuration = result.expectation_config
    severity = configuration.severity.value
    told = {"phase": phase, "table": table, "rule": configuration.description, "severity": severity}
    if error := _error(result):
        return Check(**told | {"severity": CRITICAL}, success=False, error=error)
    if result.success:
        return Check(**told, success=True)
    if query := configuration.kwargs.get("unexpected_rows_query"):
        examples = _examples(source, query.format(batch=table))
        return Check(**told, success=False, count=result.result["observed_value"], examples=examples)
    rows = result.result.get("partial_unexpected_index_list") or result.result.get("partial_unexpected_list", [])
    examples = [{name: masked(row[name]) for name in suite.key} for row in rows]
    return Check(**told, success=False, count=result.result["unexpected_count"], examples=examples)


def _examples(source: SQLDatasource, query: str) -> list[dict]:
    with source.get_engine().connect() as connection:
        rows = connection.execute(text(f"select * from ({query}) limit {EXAMPLES}"))
        return [{name: masked(value) for name, value in row._mapping.items()} for row in rows]


def _error(result: ExpectationValidationResult) -> str | None:
    """Why a rule could not be judged; GX tells it once for the rule or once for each of its metrics."""
    told = result.exception_info or {}
    for exception in (told, *(value for value in told.values() if isinstance(value, dict))):
        if exception.get("raised_exception"):
            return masked(" ".join(str(exception["exception_message"]).split()))
    return None


def _write_site(context, site: Path) -> None:
    """The results as a static site that replaces the one before."""
    shutil.rmtree(site, ignore_errors=True)
    context.add_data_docs_site(
        "site",
        {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    context.build_data_docs(site_names=["site"])
    for page in site.rglob("*.html"):
        page.write_text(masked(page.read_text()))


def _keep(checks: list[Check], phase: str, path: Path) -> None:
    """Replace this phase's results in `checks.json`; the other phase's stay."""
    others = [check for check in json.loads(path.read_text()) if check["phase"] != phase] if path.exists() else []
    path.write_text(json.dumps([*others, *map(asdict, checks)], indent=2, default=str) + "\n")


def _told(check: Check) -> str:
    return f"  {check.severity:<11} {_why(check)}"


def _why(check: Check) -> str:
    if check.error:
        return f"{check.table}: {check.rule}: could not be judged: {check.error}"
    examples = "; ".join(", ".join(f"{name}={value}" for name, value in row.items()) for row in check.examples)
    rows = "1 row" if check.count == 1 else f"{check.count:,} rows"
    return f"{check.table}: {check.rule}: not so for {rows}, e.g. {examples}"


def main() -> int:
    """Check a phase; 1 if a critical rule failed."""
    parser = argparse.ArgumentParser(prog="python -m expectations.checkpoint", description="Check raw or the marts.")
    parser.add_argument("phase", choices=PHASES)
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    phase = parser.parse_args().phase
    try:
        stand_on_loaded_day() if phase == "raw" else stand_on_built_day()
    except ValueError as error:
        print(f"not checked: {error}", file=sys.stderr)
        return 1
    return int(not check(phase))


if __name__ == "__main__":
    sys.exit(main())
