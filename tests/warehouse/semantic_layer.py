"""MetricFlow over any warehouse file, as a BI tool would ask it."""

from collections.abc import Sequence
from pathlib import Path

from dbt.adapters.factory import get_adapter_by_type, reset_adapters
from dbt_metricflow.cli.dbt_connectors.adapter_backed_client import AdapterBackedSqlClient
from dbt_metricflow.cli.dbt_connectors.dbt_config_accessor import dbtProjectMetadata
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

PROFILE = """
smarketing_warehouse:
  target: duckdb
  outputs:
    duckdb: {{type: duckdb, path: "{warehouse}", settings: {{TimeZone: UTC}}}}
"""


class SemanticLayer:
    """Answers of the semantic models over the tables in `warehouse`, a file called warehouse.duckdb.

    `parsed` is where dbt wrote its reading of the project, `profiles` an empty folder to use.
    """

    def __init__(self, warehouse: Path, parsed: Path, profiles: Path):
        reset_adapters()
        (profiles / "profiles.yml").write_text(PROFILE.format(warehouse=warehouse))
        dbtProjectMetadata.load_from_paths(profiles, Path("dbt_project"))  # makes dbt's adapter
        self.client = AdapterBackedSqlClient(get_adapter_by_type("duckdb"))
        self.manifest = parse_manifest_from_dbt_generated_manifest((parsed / "semantic_manifest.json").read_text())
        self.engine = MetricFlowEngine(SemanticManifestLookup(self.manifest), self.client)

    def change(self, statement: str) -> None:
        """Change the tables."""
        self.client.execute(statement)

    def metrics(self) -> set[str]:
        """The names of all metrics."""
        return {metric.name for metric in self.manifest.metrics}

    def times(self) -> dict[str, str]:
        """The column of each table by which its metrics are told over time."""
        return {
            f"{model.node_relation.schema_name}.{model.node_relation.alias}": model.defaults.agg_time_dimension
            for model in self.manifest.semantic_models
        }

    def ask(self, metrics: Sequence[str], by: Sequence[str] = ()) -> list[tuple]:
        """Rows of the values of `by`, then of the metrics, in order of `by`."""
        request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=by)
        return sorted(self.engine.query(request).result_df.rows, key=str)
