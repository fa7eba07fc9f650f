"""The night: load every source, check raw, build, check the marts, publish, write the pages.

`make nightly` runs it once in-process (`airflow dags test`); a scheduler runs it every night at 04:00 UTC.

- The business day is `AS_OF` where it is set, else the last day that was over in UTC when the run began.
- One failed source does not stop the night: the others are published with that source's older rows, marked degraded,
  and the last task fails the run so that someone looks.
- A failed critical check stops it: nothing is published and the last good night stays.
- Whatever fails, `reports/<day>.json` under `WAREHOUSE_DIR` says what, where and why.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.sdk import Context, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from ingestion import SOURCES


def write_report(context: Context) -> None:
    """Tell the night's report which task failed, and why."""
    from publishing.report import report_failure

    set_business_day(context)
    reason = str(context.get("exception") or "no reason given")
    report_failure(context["run_id"], context["task_instance"].task_id, reason)


def set_business_day(context: Context | None = None) -> None:
    """Fix the business day for this task's process: a run that crosses midnight stays with its day."""
    began = (context or get_current_context())["dag_run"].run_after or datetime.now(UTC)
    os.environ.setdefault("AS_OF", (began.astimezone(UTC) - timedelta(days=1)).date().isoformat())


@dag(
    schedule="0 4 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "analytics-engineering",
        "retries": int(os.environ.get("NIGHTLY_RETRIES", "2")),
        "retry_delay": timedelta(minutes=5),
        "execution_timeout": timedelta(hours=1),
        "on_failure_callback": write_report,
    },
    doc_md=__doc__,
    tags=["marketing", "sales"],
)
def nightly() -> None:
    """Load in parallel, then one step after the other."""

    @task(map_index_template="{{ source }}", execution_timeout=timedelta(hours=2))
    def load(source: str) -> None:
        """Pull one source into its raw file."""
        from ingestion.load import load as load_source
        from ingestion.load import report
        from ingestion.settings import business_day

        get_current_context()["source"] = source
        set_business_day()
        report(load_source(source, business_day()))

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def check_raw() -> None:
        """Is what arrived plausible and complete?"""
        from expectations.checkpoint import check, critical_failures

        set_business_day()
        if not check("raw"):
            raise AirflowFailException(f"raw failed a critical check: {critical_failures('raw')}")

    @task
    def build() -> None:
        """Build the warehouse with dbt, its tests included."""
        from publishing.build import build as build_warehouse
        from publishing.build import build_failures

        set_business_day()
        if not build_warehouse():
            raise AirflowFailException(f"dbt failed a model or a critical test: {build_failures()}")

    @task
    def check_marts() -> None:
        """May this night be published?"""
        from expectations.checkpoint import check, critical_failures

        set_business_day()
        if not check("marts"):
            raise AirflowFailException(f"the marts failed a critical check: {critical_failures('marts')}")

    @task
    def publish() -> None:
        """Write the night's files and flip readers to them."""
        from publishing.publish import publish as publish_night
        from publishing.report import report_published

        set_business_day()
        report_published(get_current_context()["run_id"], publish_night())

    @task
    def docs() -> None:
        """Write the pages people read beside the published files."""
        from publishing.docs import write_site

        set_business_day()
        write_site()

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0, on_failure_callback=None)
    def tell_degraded() -> None:
        """Fail the run if the night is degraded or was not published, so that someone looks."""
        from publishing.report import problem_of_the_night

        set_business_day()
        if problem := problem_of_the_night(get_current_context()["run_id"]):
            raise AirflowFailException(problem)

    (
        load.expand(source=list(SOURCES))
        >> check_raw()
        >> build()
        >> check_marts()
        >> publish()
        >> docs()
        >> tell_degraded()
    )


nightly()
