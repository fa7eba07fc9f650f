"""The pages of the published night: `python -m publishing.docs`.

Writes `published/<run>/site/`: an index with the night's numbers and checks, the dbt docs as one static page, and the
data docs of Great Expectations. Appears in one rename.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from ingestion.settings import warehouse_dir
from publishing.build import dbt_command, dbt_environment
from publishing.nights import build_file, current_run, manifest, published_dir
from publishing.report import headline_table


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
    data_docs = build_file().parent / "data_docs"
    if data_docs.exists():
        shutil.copytree(data_docs, unfinished / "data_docs")
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=select_autoescape())
    page = templates.get_template("index.html").render(night=manifest(run), headlines=headline_table())
    (unfinished / "index.html").write_text(page)
    os.replace(unfinished, site)
    return site


def _write_dbt_docs(folder: Path) -> None:
    """One static page that needs no server: every table, column, lineage, exposure and owner."""
    command = dbt_command("docs", "generate", "--static", "--no-compile")
    subprocess.run(command, env=dbt_environment(), check=True)  # noqa: S603
    shutil.copy(warehouse_dir() / "state" / "dbt" / "static_index.html", folder / "tables.html")


def main() -> int:
    """Write the pages and say where they are."""
    site = write_site()
    if site is None:
        print("there are no pages to write: nothing is published yet, run `make publish` first", file=sys.stderr)
        return 1
    print(f"  pages       {site / 'index.html'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
