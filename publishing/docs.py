"""The pages of the published night: `python -m publishing.docs`.

Writes `published/<run>/site/`: an index with the night's numbers, every check and what came out, the dbt docs as one
static page, and the data docs of Great Expectations. Appears in one rename.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingestion.freshness import stand_on_loaded_day
from ingestion.settings import warehouse_dir
from publishing.build import dbt_command, dbt_environment
from publishing.models import descriptions
from publishing.nights import build_file, current_run, manifest, published_dir
from publishing.numbers import headlines, tables

# The phases of checks, and what each judges in a reader's words.
CHECKED = {"raw": "what arrived", "marts": "what is published"}


def write_site() -> Path | None:
    """Write the pages of the current night, unless it has them; returns their folder, None if nothing is published."""
    run = current_run()
    if run is None:
        return None
    site = published_dir() / run / "site"
    if site.exists():
        return site
    unfinished = published_dir() / run / ".site"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    _write_dbt_docs(unfinished)
    checked = [phase for phase in CHECKED if (build_file().parent / "data_docs" / phase).exists()]
    for phase in checked:
        shutil.copytree(build_file().parent / "data_docs" / phase, unfinished / "data_docs" / phase)
    (unfinished / "index.html").write_text(index_page(run, _first_sentences(), checked))
    (unfinished / "checks.html").write_text(checks_page(run, checked))
    os.replace(unfinished, site)
    return site


def index_page(run: str, contents: dict[str, str], checked: list[str]) -> str:
    """The first page of the current night `run`: its numbers, what is degraded, what was left out and why, links.

    `contents` says by `schema.table` what a published table holds, `checked` which phases have data docs.
    """
    return _rendered(
        "index.html",
        checked,
        night=manifest(run),
        headlines=headlines(),
        tables=tables(),
        currency=yaml.safe_load(Path("dbt_project/vars.yml").read_text())["vars"]["reporting_currency"],
        contents=contents,
    )


def checks_page(run: str, checked: list[str]) -> str:
    """Every rule the night was judged by and what came out, readable without a network as GX's data docs are not."""
    path = build_file().parent / "checks.json"
    return _rendered(
        "checks.html", checked, night=manifest(run), checks=json.loads(path.read_text()) if path.exists() else []
    )


def _rendered(page: str, checked: list[str], **facts: object) -> str:
    folder = Path(__file__).parent / "pages"
    templates = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    return templates.get_template(page).render(checked=[(phase, CHECKED[phase]) for phase in checked], **facts)


def _first_sentences() -> dict[str, str]:
    """What each table holds in one sentence, by `schema.table`."""
    return {
        name: model["description"].partition(". ")[0].rstrip(".").replace("`", "")
        for name, model in descriptions().items()
    }


def _write_dbt_docs(folder: Path) -> None:
    """One static page that needs no server: every table, column, lineage, exposure and owner."""
    command = dbt_command("docs", "generate", "--static", "--no-compile")
    subprocess.run(command, env=dbt_environment(), check=True)  # noqa: S603
    shutil.copy(warehouse_dir() / "state" / "dbt" / "static_index.html", folder / "tables.html")


def main() -> int:
    """Write the pages and say where they are."""
    try:
        stand_on_loaded_day()
    except ValueError as error:
        print(f"no pages written: {error}", file=sys.stderr)
        return 1
    site = write_site()
    if site is None:
        print("there are no pages to write: nothing is published yet, run `make publish` first", file=sys.stderr)
        return 1
    print(f"  pages       {site / 'index.html'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
