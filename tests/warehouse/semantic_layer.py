"""MetricFlow over any warehouse file, as a BI tool would ask it."""

from collections.abc import Sequence
from pathlib import Path

from dbt.adapters.factory import reset_adapters
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest

PROFILE = """
smarketing_warehouse:
  target: duckdb
  outputs:
    duckdb: {{type: duckdb, path: "{warehouse}", settings: {{TimeZone: UTC}}}}
"""


class SemanticLayer:
    """Answers of the semantic models over the tables in `warehouse`, a file called warehouse.duckdb."""

    def __init__(self, warehouse: Path, profiles: Path):
        reset_adapters()
        (profiles / "profiles.yml").write_text(PROFILE.format(warehouse=warehouse))
        configuration = CLIConfiguration()
        configuration.setup(profiles, Path("dbt_project"), configure_file_logging=False)
        self.engine: MetricFlowEngine = configuration.mf
        self.manifest = configuration.semantic_manifest

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
