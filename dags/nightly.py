"""The night: check the configuration, load every source, check raw, build, check the marts, publish, write the pages.

`make nightly` runs it once in-process (`airflow dags test`); a scheduler runs it every night at 04:00 UTC.

- The business day is `AS_OF` where it is set, else the last day that was over in UTC when the run began.
- One failed source does not stop the night: the others are published with that source's older rows, marked degraded,
  and the last task fails the run so that someone looks.
- A mistake in the configuration stops it before anything is loaded.
- A failed critical check stops it: nothing is published and the last good night stays.
- Whatever fails, `reports/<day>.json` under `WAREHOUSE_DIR` says what, where and why.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.sdk import Context, TaskInstanceState, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, AirflowTaskTimeout

from ingestion import SOURCES

WITHOUT_A_WORD = "its process ended without a word: killed, out of memory, or its worker was lost"


def write_report(context: Context) -> None:
    """Tell the night's report which task failed, and why."""
    from publishing.report import report_failure

    set_business_day(context)
    instance = context["task_instance"]
    report_failure(context["run_id"], task_name(instance.task_id, instance.map_index), why_it_failed(context))


def write_silent_failures(context: Context) -> None:
    """Tell the night's report which tasks failed without a word: Airflow calls nobody back for a killed process."""
    from publishing.report import read_report, report_failure

    run_id, instance = context["run_id"], context["task_instance"]
    states = instance.get_task_states(dag_id=instance.dag_id, run_ids=[run_id])[run_id]
    failed = {name for name, state in states.items() if state == TaskInstanceState.FAILED}
    loads = {f"load_{number}": task_name("load", number) for number in range(len(SOURCES))}
    told = {failure["task"] for failure in read_report(run_id).get("failures", [])}
    for name in sorted({loads.get(name, name) for name in failed} - told):
        report_failure(run_id, name, f"{WITHOUT_A_WORD}; its log: {instance.log_url.partition('/tasks/')[0]}")


def why_it_failed(context: Context) -> str:
    """What the task said, or what Airflow did to it and where its log is."""
    exception, instance = context.get("exception"), context["task_instance"]
    if exception and not isinstance(exception, AirflowTaskTimeout):
        return str(exception) or repr(exception)
    why = f"it took longer than {instance.task.execution_timeout}" if exception else WITHOUT_A_WORD
    return f"{why}; its log: {instance.log_url}"


def task_name(task_id: str, map_index: int) -> str:
    """`load hubspot` for one of the loads, else the task's own name."""
    return f"{task_id} {SOURCES[map_index]}" if map_index >= 0 else task_id


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

    @task(retries=0)
    def check_configuration() -> None:
        """Is every seed and setting sound? All mistakes are told at once."""
        from publishing.configuration import require_sound_configuration

        set_business_day()
        require_sound_configuration()

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
        from publishing.configuration import is_sound

        set_business_day()
        if not is_sound():
            raise AirflowSkipException("nothing was loaded: the configuration has mistakes")
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
        write_silent_failures(get_current_context())
        if problem := problem_of_the_night(get_current_context()["run_id"]):
            raise AirflowFailException(problem)

    (
        check_configuration()
        >> load.expand(source=list(SOURCES))
        >> check_raw()
        >> build()
        >> check_marts()
        >> publish()
        >> docs()
        >> tell_degraded()
    )


nightly()
