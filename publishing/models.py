"""What dbt read of the project at the last build: what published tables and columns mean, and what tells rows apart."""

import json

from ingestion.settings import warehouse_dir


def descriptions() -> dict[str, dict]:
    """By `schema.table`: `description` of the table, and `columns` with that of each column."""
    models = [node for node in _nodes().values() if node.get("resource_type") == "model"]
    return {
        f"{model['schema']}.{model['name']}": {
            "description": _in_one_line(model["description"]),
            "columns": {name: _in_one_line(column["description"]) for name, column in model["columns"].items()},
        }
        for model in models
    }


def table_keys() -> dict[str, list[str]]:
    """The columns that tell a published table's rows apart, by `schema.table`: the fewest that dbt tests as unique."""
    nodes = _nodes()
    keys: dict[str, list[str]] = {}
    for node in nodes.values():
        model, arguments = nodes.get(node.get("attached_node")), (node.get("test_metadata") or {}).get("kwargs", {})
        if not model or node["test_metadata"]["name"] not in ("unique", "unique_combination"):
            continue
        table, key = f"{model['schema']}.{model['name']}", arguments.get("columns") or [arguments["column_name"]]
        keys[table] = min(keys.get(table, key), key, key=len)
    return keys


def _nodes() -> dict[str, dict]:
    return json.loads((warehouse_dir() / "state" / "dbt" / "manifest.json").read_text())["nodes"]


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
