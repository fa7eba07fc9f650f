"""What a build leaves for publishing beside the built file: dbt's manifest, which says the key of each table."""

import json
from pathlib import Path

import pytest

KEYS = {
    "core.dim_people": "person_key",
    "marketing.fct_spend": "spend_key",
    "sales.dim_contacts": "person_key",
    "alignment.fct_handoffs": "handoff_key",
    "marketing.rpt_channel_performance": "channel",
    "marketing.rpt_budget_attainment": "channel",
    "sales.rpt_quota_attainment": "team",
    "sales.rpt_pipeline": "as_of_date",
    "sales.rpt_mrr_monthly": "month_start_date",
    "alignment.rpt_sla_monthly": "month_start_date",
    "alignment.rpt_handoff_bridge": "month_start_date",
    "alignment.rpt_rejections": "month_start_date",
}
DESCRIBED = {
    "core.dim_people": {
        "description": "Whom we know.\nOne row per person. It's no ledger.",
        "columns": {"person_key": {"description": "The warehouse's name of the person."}},
    }
}


@pytest.fixture(autouse=True)
def dbt_manifest(warehouse: Path) -> None:
    """dbt's manifest with the tests of the keys."""
    nodes = {}
    for table, key in KEYS.items():
        schema, name = table.split(".")
        told = DESCRIBED.get(table, {"description": "", "columns": {}})
        nodes[f"model.{name}"] = {"resource_type": "model", "schema": schema, "name": name, **told}
        test = {"name": "unique", "kwargs": {"column_name": key}}
        nodes[f"test.{name}"] = {"attached_node": f"model.{name}", "test_metadata": test}
    path = warehouse / "state" / "dbt" / "manifest.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"nodes": nodes}))
