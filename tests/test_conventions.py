"""The conventions of the dbt project, held on its manifest and its files."""

import re
from pathlib import Path

import yaml

PROJECT = Path("dbt_project")
MARTS = ("core", "marketing", "sales", "alignment")
# What a model's YAML may say; dbt passes over a misspelt key without a word.
MODEL_KEYS = {
    "name", "description", "config", "columns", "constraints", "data_tests", "docs", "meta", "versions",
    "semantic_model", "primary_entity", "agg_time_dimension", "time_spine", "metrics",
}  # fmt: skip
COLUMN_KEYS = {
    "name", "description", "data_type", "constraints", "data_tests", "config", "meta", "quote",
    "granularity", "dimension", "entity",
}  # fmt: skip
METRIC_KEYS = {
    "name", "label", "description", "type", "agg", "expr", "filter", "non_additive_dimension", "numerator",
    "denominator", "input_metrics", "config",
}  # fmt: skip
METRIC_META = {"unit", "source_column", "is_additive"}
TEST_KEYS = {"arguments", "config", "name", "description", "test_name"}
UNIT_TEST_KEYS = {"name", "description", "model", "given", "expect", "overrides", "config"}


def models(manifest: dict) -> list[dict]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def marts(manifest: dict) -> list[dict]:
    return [model for model in models(manifest) if model["fqn"][1] == "marts"]


def test_every_mart_says_its_grain(manifest: dict) -> None:
    silent = [model["name"] for model in marts(manifest) if "one row per" not in model["description"].lower()]
    assert not silent


def test_every_mart_has_a_contract_a_group_and_sample_questions(manifest: dict) -> None:
    for model in marts(manifest):
        assert model["config"]["contract"]["enforced"], model["name"]
        assert model["config"]["group"] == model["fqn"][2], model["name"]
        assert model["config"]["meta"].get("sample_questions"), f"{model['name']} has no meta.sample_questions"


def test_every_column_of_a_mart_is_described(manifest: dict) -> None:
    silent = [
        f"{model['name']}.{column['name']}"
        for model in marts(manifest)
        for column in model["columns"].values()
        if not column["description"].strip()
    ]
    assert not silent


def test_every_model_and_seed_is_described(manifest: dict) -> None:
    silent = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] in {"model", "seed"} and not node["description"].strip()
    ]
    assert not silent


def test_every_mart_has_a_unique_key(manifest: dict) -> None:
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    keyed = {
        node["attached_node"]
        for node in tests
        if (node.get("test_metadata") or {}).get("name", "").startswith("unique")
    }
    assert not [model["name"] for model in marts(manifest) if model["unique_id"] not in keyed]


def test_only_staging_reads_sources(manifest: dict) -> None:
    for model in models(manifest):
        reads_source = any(parent.startswith("source.") for parent in model["depends_on"]["nodes"])
        assert not reads_source or model["fqn"][1] == "staging", model["name"]


def test_a_source_with_currencies_says_which_amounts_need_a_rate(manifest: dict) -> None:
    """`files` is read by its contract; the traffic of google_analytics is valued in no other currency."""
    telling = {source["source_name"] for source in manifest["sources"].values() if "amounts" in source["meta"]}
    folders = {path.parent.name for path in PROJECT.glob("models/staging/*/*.sql") if "currency" in path.read_text()}
    assert telling == folders - {"files", "google_analytics"}


def test_a_model_is_named_after_its_folder(manifest: dict) -> None:
    for model in models(manifest):
        layer, folder = model["fqn"][1], model["fqn"][2]
        expected = {
            "staging": rf"stg_{folder}__\w+",
            "intermediate": r"int_[a-z_]+__[a-z_]+",
            "marts": r"(dim|fct|rpt)_\w+|metric_definitions",
        }[layer]
        assert re.fullmatch(expected, model["name"]), model["name"]
        assert layer != "marts" or folder in MARTS


def test_every_singular_test_gives_its_reason() -> None:
    for path in (PROJECT / "tests").glob("*.sql"):
        assert path.stem.startswith("assert_"), path
        first = path.read_text().lstrip()
        assert first.startswith(("--", "{#", "{{ config", "/*")), f"{path}: the first line gives the reason"


def test_no_yaml_key_is_misspelt() -> None:
    unknown = []
    for path in PROJECT.glob("models/**/*.yml"):
        properties = yaml.safe_load(path.read_text()) or {}
        for model in properties.get("models", []):
            unknown += [f"{path}: {model['name']}: {key}" for key in model.keys() - MODEL_KEYS]
            for column in model.get("columns", []):
                unknown += [f"{path}: {column['name']}: {key}" for key in column.keys() - COLUMN_KEYS]
                unknown += _unknown_test_keys(path, column.get("data_tests", []))
            unknown += _unknown_test_keys(path, model.get("data_tests", []))
        for test in properties.get("unit_tests", []):
            unknown += [f"{path}: {test['name']}: {key}" for key in test.keys() - UNIT_TEST_KEYS]
        nested = [metric for model in properties.get("models", []) for metric in model.get("metrics", [])]
        for metric in nested + properties.get("metrics", []):
            unknown += [f"{path}: {metric['name']}: {key}" for key in metric.keys() - METRIC_KEYS]
            unknown += [f"{path}: {metric['name']}: {key}" for key in metric["config"]["meta"].keys() - METRIC_META]
    assert not unknown


def test_only_simple_metrics_stand_within_a_model() -> None:
    """dbt's partial parsing finds any other twice as soon as the file changes: they stand at the file's end."""
    for path in PROJECT.glob("models/**/*.yml"):
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            kinds = {metric["type"] for metric in model.get("metrics", [])}
            assert kinds <= {"simple"}, f"{path}: {model['name']}"


def _unknown_test_keys(path: Path, tests: list) -> list[str]:
    return [
        f"{path}: {name}: {key}"
        for test in tests
        if isinstance(test, dict)
        for name, properties in test.items()
        for key in (properties or {}).keys() - TEST_KEYS
    ]


def test_no_model_reads_the_clock() -> None:
    clock = re.compile(r"\b(current_date|current_timestamp|now\(\)|get_current_timestamp|_dlt_load_id|_dlt_valid)")
    reading = [str(path) for path in PROJECT.glob("models/**/*.sql") if clock.search(_without_comments(path))]
    assert not reading


def test_models_are_sql_that_spark_reads_too() -> None:
    duckdb_only = re.compile(
        r"\b(qualify|asof|arg_max|arg_min|generate_series|regexp_matches|strftime|json_extract_string|epoch|epoch_ms"
        r"|list_value|struct_pack|unnest|string_agg|try_strptime|exclude|distinct\s+on|positional|recursive|try_cast"
        r"|as\s+varchar|regexp_full_match|regexp_extract|isodow|group\s+by\s+all)\b|->>|::|\\\.",
        re.IGNORECASE,
    )
    found = {
        f"{path.name}: {match.group()}"
        for path in PROJECT.glob("models/**/*.sql")
        for match in duckdb_only.finditer(_without_comments(path))
    }
    assert not found


def _without_comments(path: Path) -> str:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    return re.sub(r"--[^\n]*", "", text)


def test_a_table_that_tells_a_thing_more_than_once_says_what_to_filter(manifest: dict) -> None:
    """In the description, which BI tools show, and in `meta`, which they can read."""
    silent = []
    for model in marts(manifest):
        repeating = {"level", "period", "attribution_model", "conversion_type", "component", "months_since"}
        if model["name"].startswith("rpt_funnel_"):
            repeating.add("stage")
        marked = set(model["config"]["meta"].get("not_additive_over", []))
        filtered = set(re.findall(r"(?<=one\s)`(\w+)`", model["description"]))
        expected = repeating & model["columns"].keys()
        if marked != expected or not expected <= filtered:
            silent.append((model["name"], expected))
    assert not silent


def test_reach_and_followers_are_marked_and_never_summed(manifest: dict) -> None:
    columns = [
        (f"{model['name']}.{name}", column["config"]["meta"].get("is_additive"))
        for model in marts(manifest)
        for name, column in model["columns"].items()
        if name in {"reach", "followers"}
    ]
    assert len(columns) >= 3
    assert [column for column, is_additive in columns if is_additive is not False] == []
    summed = re.compile(r"sum\([^()]*\b(reach|followers)\b|'(reach|followers)'")
    assert [model["name"] for model in models(manifest) if summed.search(model["raw_code"])] == []
    added = [
        metric["name"]
        for metric in manifest["metrics"].values()
        if (metric["type_params"].get("metric_aggregation_params") or {}).get("agg") == "sum"
        and re.search(r"\b(reach|followers)\b", metric["type_params"]["expr"])
    ]
    assert added == []
