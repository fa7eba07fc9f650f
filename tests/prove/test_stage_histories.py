"""Stages of 10,000 people with random histories: what the models tell equals an independent computation.

The histories are handed over as files and go through every model. They hold re-entries, ties, exact duplicates, changes
before birth and after the business day, words nobody has mapped, people with two records, and deals that overlap. The
computation walks through each person's events one by one; the models never do. Durations and reports are then pandas.
"""

import subprocess
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pandas as pd
import pytest

from ingestion import SOURCES
from ingestion.load import create_tables, load
from ingestion.salt import keep_salt
from publishing.build import dbt_command, dbt_environment
from publishing.nights import build_file
from tests.warehouse.stage_walk import EXITS, RANKS, Event, stays

pytestmark = pytest.mark.prove

PEOPLE = 10_000
AS_OF = date(2026, 6, 30)
END = datetime(2026, 7, 1)
STAGES = [*RANKS, *sorted(EXITS)]
WORDS = {"Purgatory": "unmapped", " Won ": "customer", "WARM": "warm", **dict(zip(STAGES, STAGES, strict=True))}
ENGAGING = {"form", "event"}


# What the team hands over


def random_files(random: Random) -> dict[str, list[dict]]:
    """The rows of people, stage_changes, touches and deals."""
    files = defaultdict(list)
    for number in range(PEOPLE):
        born = datetime(2025, 1, 1) + timedelta(milliseconds=random.randrange(500 * 86_400_000))
        # Few moments, so that events tie; some before birth, some after the business day.
        moments = [born + timedelta(hours=random.choice([-900, 0, 1, 30, 500, 2000, 9000])) for _ in range(4)]
        records = [f"p{number}", f"p{number}-again"] if random.random() < 0.1 else [f"p{number}"]
        for record in records:
            created_at = min(random.choice([born, born, *moments, None]) or END, END)
            email = f"Someone.{number}@example.com" if record == records[0] else f"someone.{number}@EXAMPLE.com"
            files["people"].append(
                {"person_id": record, "email": email, "created_at": created_at if created_at < END else None}
            )
        for _ in range(random.choice([0, 1, 3, 6, 9])):
            change = {"stage": random.choice([*WORDS]), "changed_at": random.choice(moments)}
            files["stage_changes"].append({"person_id": random.choice(records)} | change)
            if random.random() < 0.1:
                files["stage_changes"].append({"person_id": records[-1]} | change)
        for _ in range(random.choice([0, 0, 1, 2])):
            touch = {"touch_type": random.choice(["form", "event", "print"]), "touched_at": random.choice(moments)}
            files["touches"].append(
                {
                    "touch_id": f"t{len(files['touches'])}",
                    "person_id": random.choice(records),
                    "medium": random.choice(["email", "cpc"]),
                }
                | touch
            )
        for _ in range(random.choice([0, 0, 0, 1, 2, 3])):
            created_at, closed_at = sorted(random.choices(moments, k=2))
            files["deals"].append(
                {
                    "deal_id": f"d{len(files['deals'])}",
                    "person_id": random.choice(records),
                    "amount": random.choice([100, 100, 100, -100]),
                    "created_at": random.choice([created_at, created_at, None]),
                }
                | random.choice(
                    [
                        {"stage": random.choice(["warm", "accepted", "proposal"]), "is_won": None, "closed_at": None},
                        {"stage": None, "is_won": True, "closed_at": closed_at},
                        {"stage": "lost", "is_won": False, "closed_at": closed_at},
                    ]
                )
            )
    return files


def write(files: dict[str, list[dict]], folder: Path) -> None:
    folder.mkdir()
    for name, rows in files.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)


# The same, one event after the other


def expected_spells(files: dict[str, list[dict]]) -> pd.DataFrame:
    """One row per stay, in order, `person` being the first record's id."""
    seen, created_at, events = defaultdict(list), defaultdict(list), defaultdict(list)
    deals = defaultdict(list)
    for row in files["stage_changes"]:
        seen[row["person_id"]].append(row["changed_at"])
        events[person_of(row)].append(Event(row["changed_at"], WORDS[row["stage"]], "recorded"))
    for row in files["touches"]:
        seen[row["person_id"]].append(row["touched_at"])
        if row["touch_type"] in ENGAGING:
            events[person_of(row)].append(Event(row["touched_at"], "warm", "engaged"))
    for row in files["deals"]:
        seen[row["person_id"]].append(row["created_at"] or row["closed_at"] or END)
        deals[person_of(row)].append(row)
    for row in files["people"]:
        known = [row["created_at"]] if row["created_at"] else seen[row["person_id"]]
        created_at[person_of(row)] += [at for at in known if at < END]
    for person, rows in deals.items():
        events[person] += deal_events(rows)
    rows = []
    for person, births in created_at.items():
        known = [event for event in events[person] if event.at < END]
        rows += [{"person": person} | asdict(stay) for stay in stays(min(births, default=None), known)]
    return with_durations(pd.DataFrame(rows))


def person_of(row: dict) -> str:
    return row["person_id"].removesuffix("-again")


def deal_events(deals: list[dict]) -> list[Event]:
    """Won and lost deals when they close, open ones when they are created; who has another deal is not lost."""
    won = sorted(deal["closed_at"] for deal in deals if deal["is_won"] and deal["amount"] > 0)
    events = [Event(at, "repeat_customer" if number else "customer", "won") for number, at in enumerate(won)]
    for deal in deals:
        if deal["is_won"] is None and deal["created_at"]:
            events.append(Event(deal["created_at"], deal["stage"], "deal"))
        if deal["is_won"] is False and not any(
            is_open_or_won(other, deal["closed_at"]) for other in deals if other is not deal
        ):
            events.append(Event(deal["closed_at"], "lost", "lost"))
    return events


def is_open_or_won(deal: dict, at: datetime) -> bool:
    if deal["closed_at"] and deal["closed_at"] <= at:
        return bool(deal["is_won"])
    return deal["created_at"] is not None and deal["created_at"] <= at


def with_durations(spells: pd.DataFrame) -> pd.DataFrame:
    of_person = spells.groupby("person")
    spells["spell_number"] = of_person.cumcount() + 1
    spells["entry_number"] = spells.groupby(["person", "stage"]).cumcount() + 1
    spells["previous_stage"] = of_person["stage"].shift()
    spells["exited_at"] = of_person["entered_at"].shift(-1)
    # Between the full seconds of both moments, so that durations add up.
    seconds = (spells["exited_at"].dt.floor("s") - spells["entered_at"].dt.floor("s")).dt.total_seconds()
    spells["duration_seconds"] = seconds
    moves = [movement(*stages) for stages in zip(spells["previous_stage"], spells["stage"], strict=True)]
    spells["movement"], spells["skipped_stages"] = zip(*moves, strict=True)
    return spells


def movement(before: str | None, stage: str) -> tuple[str, int]:
    """How somebody came to a stage, and how many of the ladder they skipped; `unmapped` is below the ladder."""
    if pd.isna(before):
        return "initial", 0
    if stage in EXITS:
        return "exit", 0
    if before in EXITS:
        return "recycled", 0
    ladder = ["unmapped", *RANKS]
    steps = ladder.index(stage) - ladder.index(before)
    if steps < 0:
        return "backward", 0
    return "forward" if steps == 1 else "skip", steps - 1 if before in RANKS else 0


# Both


@dataclass(frozen=True)
class Histories:
    """The stays as computed here, and the warehouse that the models built."""

    spells: pd.DataFrame
    warehouse: Path

    def told(self, query: str) -> pd.DataFrame:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).df()


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Histories:
    folder = tmp_path_factory.mktemp("histories")
    files = random_files(Random(3))
    write(files, folder / "files")
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAREHOUSE_DIR", str(folder / "warehouse"))
        settings.setenv("AS_OF", AS_OF.isoformat())
        settings.setenv("SOURCES__FILES__BUCKET_URL", str(folder / "files"))
        for source in SOURCES:
            create_tables(source)
        load("files", until=AS_OF)
        keep_salt()
        build_file().parent.mkdir()
        reports = ["+rpt_stage_daily", "+rpt_stage_transitions", "+rpt_funnel_cohorts"]
        command = dbt_command("build", "--resource-type", "seed", "--resource-type", "model", "--select", *reports)
        subprocess.run(command, env=dbt_environment(), check=True)
        warehouse = build_file()
    built = Histories(expected_spells(files), warehouse)
    channels = built.told(
        "select source_person_id as person, original_channel as channel from core.dim_people "
        "inner join intermediate.int_people__resolved using (person_key)"
    )
    return Histories(built.spells.merge(channels, on="person"), warehouse)


def test_stays_and_durations_of_random_histories_equal_an_independent_computation(histories: Histories) -> None:
    columns = ["person", "spell_number", "stage", "entered_at", "exited_at", "duration_seconds", "previous_stage"]
    columns += ["entry_number", "is_inferred", "movement", "skipped_stages"]
    told = histories.told(
        f"""
        select people.source_person_id as person, {", ".join(columns[1:])}
        from core.fct_lead_stages
        inner join intermediate.int_people__resolved as people using (person_key)
        where people.source_person_id not like '%-again'
        """
    )
    pd.testing.assert_frame_equal(ordered(told, columns), ordered(histories.spells, columns), check_dtype=False)
    assert histories.spells["entry_number"].max() > 2
    assert histories.spells["movement"].nunique() == 6
    assert (histories.spells["duration_seconds"] == 0).sum() > 100
    assert histories.spells["person"].nunique() > 0.95 * PEOPLE


def test_transitions_of_random_histories_equal_an_independent_computation(histories: Histories) -> None:
    moves = histories.spells.assign(month_start_date=histories.spells["entered_at"].dt.to_period("M").dt.to_timestamp())
    moves["seconds"] = moves.groupby("person")["duration_seconds"].shift()
    key = ["previous_stage", "stage", "channel", "month_start_date"]
    expected = moves.groupby(key, dropna=False)["seconds"].agg(["size", "mean", "median", "min", "max"]).reset_index()
    told = histories.told(
        """
        select
            from_stage, to_stage, channel, month_start_date, transitions,
            mean_seconds, median_seconds, min_seconds, max_seconds
        from core.rpt_stage_transitions
        """
    )
    expected.columns = told.columns
    pd.testing.assert_frame_equal(
        ordered(told, [*told.columns]), ordered(expected, [*told.columns]), check_dtype=False, rtol=1e-9
    )


def test_people_by_stage_equal_the_ledger_at_the_end_of_every_day(histories: Histories) -> None:
    spells, counted = histories.spells, []
    for day in pd.date_range("2024-11-01", AS_OF):
        end = day + timedelta(days=1)
        standing = spells[(spells["entered_at"] < end) & ~(spells["exited_at"] < end)]
        people = standing.groupby(["channel", "stage"]).size()
        counted.append(people.rename("people").reset_index().assign(date_day=day))
    expected = pd.concat(counted)
    told = histories.told("select channel, stage, people, date_day from core.rpt_stage_daily")
    pd.testing.assert_frame_equal(
        ordered(told, ["date_day", "channel", "stage", "people"]),
        ordered(expected, ["date_day", "channel", "stage", "people"]),
        check_dtype=False,
    )


def test_cohorts_of_random_histories_equal_an_independent_computation(histories: Histories) -> None:
    ranked = histories.spells.assign(rank=histories.spells["stage"].map(RANKS))
    leads = (
        ranked[ranked["rank"] >= 2].groupby("person").agg(lead_at=("entered_at", "min"), channel=("channel", "first"))
    )
    leads["cohort_month"] = leads["lead_at"].dt.to_period("M").dt.to_timestamp()
    age = (pd.Timestamp(END) - leads["lead_at"].dt.floor("s")).dt.total_seconds() / 86400
    expected = []
    for stage, rank in list(RANKS.items())[1:]:
        reached_at = ranked[ranked["rank"] >= rank].groupby("person")["entered_at"].min().reindex(leads.index)
        days = (reached_at.dt.floor("s") - leads["lead_at"].dt.floor("s")).dt.total_seconds() / 86400
        followed = leads.assign(days=days, is_mature=age > days.quantile(0.9))
        cohorts = followed.groupby(["cohort_month", "channel"]).agg(
            entered=("days", "size"),
            reached=("days", "count"),
            median_days=("days", "median"),
            maturity=("is_mature", "mean"),
        )
        expected.append(cohorts.reset_index().assign(stage=stage))
    columns = ["cohort_month", "channel", "stage", "entered", "reached", "median_days", "maturity"]
    told = histories.told(f"select {', '.join(columns)} from marketing.rpt_funnel_cohorts")
    pd.testing.assert_frame_equal(
        ordered(told, columns), ordered(pd.concat(expected), columns), check_dtype=False, rtol=1e-6, atol=1e-6
    )


def ordered(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The columns, in the order of their values, with one spelling of nothing and of time."""
    rows = rows[columns].copy()
    for column in columns:
        if column.endswith(("_at", "_date", "_month", "_day")):
            rows[column] = rows[column].astype("datetime64[us]")
        elif column.endswith("_stage"):
            rows[column] = rows[column].fillna("").astype("object")
        elif rows[column].dtype.name[0] in "IFf":
            rows[column] = rows[column].astype("float64")
    return rows.sort_values(columns).reset_index(drop=True)
