"""An attribution model is one CTE, its name in one list and one row of a seed, and every invariant holds it.

The night is built on with a copy of the project that has one model more which is right, and some that are wrong.
"""

import json
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from publishing.build import dbt_command, dbt_environment
from tests.warehouse.conftest import Night

PROJECT = Path("dbt_project")
WEIGHTED = "models/intermediate/int_touches__weighted.sql"
ATTRIBUTION = "models/marts/marketing/fct_attribution.sql"
RIGHT = "towards_the_end"
# Rows of shares by model: each touch of a path as much as its place; and what a model can do wrong.
SHARES = {
    RIGHT: "select conversion_key, position, 'towards_the_end', cast(position as decimal(38, 18)) from paths",
    "takes_away": """
        select conversion_key, position, 'takes_away',
            cast(case when position = 1 and touches > 1 then -0.5 else 1 end as decimal(38, 18))
        from paths
    """,
    "gives_twice": """
        select conversion_key, position, 'gives_twice', cast(1 as decimal(38, 18)) from paths
        union all
        select conversion_key, 1, 'gives_twice', cast(1 as decimal(38, 18)) from paths where position = 1
    """,
    "says_nothing": """
        select conversion_key, position, 'says_nothing', cast(1 as decimal(38, 18)) from paths where channel <> 'direct'
    """,
}
# What some credit instead of a path's first touch; and one that pays whole units only.
STRAYED = {
    "looks_ahead": "touched_at > conversions.converted_at",
    "looks_back_too_far": "touched_at < conversions.converted_at - interval 90 days",
    "credits_sales_at_work": """
        department = 'sales' and touched_at <= conversions.converted_at
        and touched_at >= conversions.converted_at - interval 90 days
        and touched_at >= (
            select min(reached.converted_at) from conversions as reached
            where reached.conversion_type = 'qualified' and reached.person_key = conversions.person_key
        )
    """,
}
LOSES_CENTS = "loses_cents"
SHARES |= {
    model: f"""
        select conversion_key, position, '{model}', cast(1 as decimal(38, 18)) from paths where position = 1
    """
    for model in (*STRAYED, LOSES_CENTS)
}
CAUGHT_BY = {
    "takes_away": "between_zero_and_one_fct_attribution_weight",
    "gives_twice": "unique_fct_attribution_attribution_key",
    "says_nothing": "assert_every_conversion_is_attributed_by_every_model",
    **dict.fromkeys(STRAYED, "assert_credited_touches_lie_in_the_window"),
    LOSES_CENTS: "assert_attributed_values_sum_to_the_conversion",
}


def project_with_more_models(folder: Path) -> Path:
    """A copy of the project with a CTE, a name in the list and a seed row for each."""
    project = shutil.copytree(PROJECT, folder / "project")
    names = "".join(f"'{model}', " for model in SHARES)
    ctes = "".join(
        f"{model}(conversion_key, position, attribution_model, share) as ({rows}),\n" for model, rows in SHARES.items()
    )
    edit(
        project / WEIGHTED,
        {"{% set models = [": f"{{% set models = [{names}", "unioned as (\n\n": f"{ctes}unioned as (\n\n"},
    )
    touches = "".join(
        f"when '{model}' then (select min(touches.touch_key) from {{{{ ref('int_touches__matched') }}}} as touches "
        f"where touches.person_key = conversions.person_key and {strays})\n"
        for model, strays in STRAYED.items()
    )
    edit(
        project / ATTRIBUTION,
        {
            "weights.touch_key,": f"coalesce(case attribution_model {touches} end, weights.touch_key) as touch_key,",
            "'conversion_value', running": f"\"case attribution_model when '{LOSES_CENTS}' then floor(conversion_value)"
            ' else conversion_value end", running',
        },
    )
    with (project / "seeds/attribution_models.csv").open("a") as seed:
        seed.writelines(f"{model},tried out\n" for model in SHARES)
    return project


def edit(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text()
    for before, after in changes.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    path.write_text(text)


@pytest.fixture(scope="module")
def tried(night: Night, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, set[str]]]:
    """The file built with more models, and the models by failing test."""
    folder = tmp_path_factory.mktemp("tried")
    project = project_with_more_models(folder)
    path = Path(shutil.copy(night.warehouse, folder))
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAREHOUSE_DIR", str(night.warehouse.parents[1]))
        settings.setenv("BUILD_FILE", str(path))
        settings.setenv("AS_OF", night.world.as_of.isoformat())
        environment = dbt_environment() | {"DBT_TARGET_PATH": str(folder), "DBT_LOG_PATH": str(folder)}
    for words in (
        ["build", "--resource-type", "seed", "--resource-type", "model", "--select", "attribution_models+"],
        ["test", "--exclude-resource-type", "unit_test", "--select", "fct_attribution", "rpt_attribution_channels"],
    ):
        command = [str(project) if word == str(PROJECT) else word for word in dbt_command(*words)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0 or words[0] == "test", done.stdout
    results = json.loads((folder / "run_results.json").read_text())["results"]
    assert len(results) > 15
    with duckdb.connect(str(path), read_only=True) as connection:
        failed = {
            result["unique_id"].split(".")[2]: models_in(connection, result["compiled_code"])
            for result in results
            if result["status"] not in ("pass", "warn")
        }
    return path, failed


def models_in(connection: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    """The models of the rows that fail a test; a row of a key alone is looked up."""
    rows = connection.sql(query)
    if "attribution_model" not in rows.columns:
        query = f"from marketing.fct_attribution semi join ({query}) as failed on attribution_key = unique_field"
    return {model for (model,) in connection.sql(f"select distinct attribution_model from ({query})").fetchall()}


def test_a_new_model_is_one_cte_and_one_row_and_every_invariant_holds_it(tried) -> None:
    path, failed = tried
    assert RIGHT not in set().union(*failed.values())
    with duckdb.connect(str(path), read_only=True) as connection:
        [(weights, conversions, value, deals)] = connection.sql(f"""
            select
                sum(weight), count(distinct conversion_key), sum(attributed_value),
                (select sum(amount_reporting) from sales.fct_deals where is_won)
            from marketing.fct_attribution where attribution_model = '{RIGHT}' and conversion_type = 'won_deal'
        """).fetchall()
        channels = connection.sql(
            f"select sum(conversions) from marketing.rpt_attribution_channels where attribution_model = '{RIGHT}' "
            "and conversion_type = 'won_deal' and period_start is null"
        ).fetchall()
    assert weights == conversions == channels[0][0]
    assert value == deals
    assert conversions


@pytest.mark.parametrize("model", CAUGHT_BY)
def test_a_model_that_is_wrong_fails_its_invariant(tried, model: str) -> None:
    _, failed = tried
    assert failed[CAUGHT_BY[model]] == {wrong for wrong in CAUGHT_BY if CAUGHT_BY[wrong] == CAUGHT_BY[model]}
