"""Mistakes in the user's targets and exchange rates are told with file and line before anything is loaded."""

from pathlib import Path

import pytest

from ingestion.settings import warehouse_dir
from publishing.configuration import ConfigurationError, mistakes, require_sound_configuration
from tests.publishing.test_configuration import add, project  # noqa: F401 - a fixture

TARGETS = "target_id,department,metric,owner_id,team,segment,period_start,period_end,amount,currency,valid_from,ramp"
Q1, Q2, Q3 = "2026-01-01,2026-03-31", "2026-04-01,2026-06-30", "2026-07-01,2026-09-30"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of files, the night of 2026-06-30."""
    (tmp_path / "files").mkdir()
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", str(tmp_path / "files"))
    monkeypatch.setenv("AS_OF", "2026-06-30")
    return tmp_path / "files"


def write(folder: Path, name: str, *lines: str) -> None:
    (folder / name).write_text("\n".join(lines) + "\n")


def told() -> list[tuple[str, int, str, bool]]:
    """Each mistake as file, line, what, and whether it stops the night."""
    return [(Path(mistake.file).name, mistake.line, mistake.what, mistake.stops) for mistake in mistakes()]


def test_versions_teams_and_segments_are_no_overlap(folder: Path):
    write(
        folder,
        "targets.csv",
        TARGETS,
        f"q1,sales,bookings,ann,,,{Q1},100,USD,,",
        f"q2,sales,bookings,ann,,,{Q2},100,USD,2026-04-01,",
        f"raised,sales,bookings,ann,,,{Q2},200,USD,2026-05-01,standard",
        f"other,sales,bookings,bob,,,{Q2},100,USD,2026-04-01,",
        f"segment,sales,bookings,ann,,smb,{Q2},100,USD,2026-04-01,",
        f"team,Sales,Bookings,,North,,{Q2},100,USD,2026-04-01,",
        f"company,sales,bookings,,,,{Q2},100,USD,2026-04-01,",
        f"budget,,budget,,email,,{Q2},100,USD,2026-04-01,",
    )
    assert told() == []


def test_two_quotas_of_one_period_and_day_stop_the_night(folder: Path):
    write(folder, "targets_1.csv", TARGETS, f"one,sales,bookings,ann,North,,{Q2},100,USD,2026-04-01,")
    write(
        folder,
        "targets_2.csv",
        TARGETS,
        f"else,sales,bookings,bob,North,,{Q2},100,USD,2026-04-01,",
        f"two,sales,bookings,ann,South,,{Q2},300,USD,2026-04-01,",
    )
    what = (
        "sales bookings of owner ann has a second target for 2026-04-01 to 2026-06-30, valid from the same day as that"
    )
    assert told() == [("targets_2.csv", 3, f"{what} of targets_1.csv:2", True)]


def test_budgets_that_overlap_stop_the_night_and_quotas_of_quarter_and_year_warn(folder: Path):
    write(
        folder,
        "targets.csv",
        TARGETS,
        f"q2,marketing,budget,,email,,{Q2},100,USD,,",
        "june,marketing,budget,,email,,2026-06-01,2026-07-31,100,USD,,",
        f"quarter,sales,bookings,ann,,,{Q2},100,USD,,",
        "year,sales,bookings,ann,,,2026-01-01,2026-12-31,100,USD,,",
    )
    budgets = "marketing budget of email: 2026-06-01 to 2026-07-31 overlaps 2026-04-01 to 2026-06-30"
    quotas = "sales bookings of owner ann: 2026-04-01 to 2026-06-30 overlaps 2026-01-01 to 2026-12-31"
    assert told() == [
        ("targets.csv", 3, f"{budgets}, and both count on the days they share", True),
        ("targets.csv", 4, f"{quotas}, and both count on the days they share", False),
    ]


def test_budgets_are_one_by_channel_however_spelt_by_both_metrics_and_whoever_owns_them(folder: Path):
    june = "2026-06-01,2026-06-30"
    write(
        folder,
        "targets.csv",
        TARGETS,
        f"spelt,marketing,budget,,Paid Search,,{june},1000,USD,,",
        f"again,Marketing,budget,ann,paid_search,,{june},3000,USD,,",
        f"budget,marketing,budget,,tv,,{june},100,USD,,",
        f"spend,marketing,spend,,tv,,{june},100,USD,,",
        f"quarter,,budget,,Email,,{Q2},100,USD,,",
        f"month,,Spend,,email,,{june},100,USD,,",
        f"team,marketing,budget,,Brand,,{june},100,USD,,",
        f"blanks,marketing,budget,, Brand ,,{june},100,USD,,",
        f"company,marketing,budget,,,,{june},100,USD,,",
        f"segment,marketing,budget,,tv,smb,{june},100,USD,,",
        f"version,marketing,spend,,TV,,{june},100,USD,2026-06-15,",
        f"sales,sales,bookings,ann,tv,,{june},100,USD,,",
        f"shouted,marketing,budget,,tv,SMB,{june},100,USD,,",
    )
    period = "2026-06-01 to 2026-06-30"
    second = f"has a second target for {period}, valid from the same day as that of targets.csv"
    overlap = f"{period} overlaps 2026-04-01 to 2026-06-30, and both count on the days they share"
    assert told() == [
        ("targets.csv", 3, f"marketing budget of paid_search {second}:2", True),
        ("targets.csv", 5, f"marketing budget of tv {second}:4", True),
        ("targets.csv", 7, f"marketing budget of email: {overlap}", True),
        ("targets.csv", 9, f"marketing budget of Brand {second}:8", True),
        ("targets.csv", 14, f"marketing budget of tv in smb {second}:11", True),
    ]


def test_a_budget_with_an_owner_and_no_team_warns_for_it_is_the_companys(folder: Path):
    write(
        folder,
        "targets.csv",
        TARGETS,
        f"owned,marketing,budget,ann,,,{Q2},100,USD,,",
        f"company,marketing,spend,,,,{Q2},100,USD,,",
        f"channel,marketing,budget,ann,tv,,{Q2},100,USD,,",
        f"quota,sales,bookings,ann,,,{Q2},100,USD,,",
    )
    second = "has a second target for 2026-04-01 to 2026-06-30, valid from the same day as that of targets.csv:2"
    assert told() == [
        ("targets.csv", 2, "budgets have no owner, so that of ann is the company's", False),
        ("targets.csv", 3, f"marketing budget of the company {second}", True),
    ]


def test_gaps_and_targets_that_nothing_reads_warn_and_an_unknown_ramp_stops_the_night(folder: Path):
    write(
        folder,
        "targets.csv",
        TARGETS,
        f"q1,sales,bookings,ann,,,{Q1},100,USD,,",
        f"q3,sales,bookings,ann,,,{Q3},100,USD,,standart",
        f"calls,sales,calls,ann,,,{Q1},100,,,",
    )
    gap = "sales bookings of owner ann: nothing between 2026-01-01 to 2026-03-31 and 2026-07-01 to 2026-09-30"
    assert told() == [
        ("targets.csv", 3, gap, False),
        ("targets.csv", 3, "unknown ramp 'standart'", True),
        ("targets.csv", 4, "nothing reads targets for 'calls' of 'sales'", False),
    ]


def test_a_budget_of_a_channel_misspelt_warns_and_that_of_a_team_does_not(folder: Path):
    write(
        folder,
        "targets.csv",
        TARGETS,
        f"misspelt,marketing,budget,,E-Commmerce,,{Q1},100,USD,,",
        f"spelt,marketing,budget,,Paid Search,,{Q1},100,USD,,",
        f"team,marketing,budget,,Brand,,{Q1},100,USD,,",
        f"sales,sales,bookings,,Emial,,{Q1},100,USD,,",
    )
    what = "marketing budget of E-Commmerce: no channel, so it is a team's, and nothing tells what a team spent"
    assert told() == [("targets.csv", 2, what, False)]
    assert [mistake.remedy for mistake in mistakes()] == ["did you mean 'e_commerce'?"]


def test_targets_of_nothing_warn_and_one_below_0_stops_the_night(folder: Path):
    write(
        folder,
        "targets.csv",
        TARGETS,
        f"ended,sales,bookings,ann,,,{Q1},0,USD,,",
        f"forgotten,sales,bookings,bob,,,{Q1},,USD,,",
        "always,sales,bookings,cid,,,,,100,USD,,",
        f"mistyped,sales,bookings,dan,,,{Q1},-100,USD,,",
    )
    assert told() == [
        ("targets.csv", 3, "a target without an amount: nothing is expected by it", False),
        ("targets.csv", 4, "a target without a period: nothing is expected by it", False),
        ("targets.csv", 5, "a target below 0: no attainment of it means anything", True),
    ]


def test_currencies_without_rates_warn_with_the_first_day_and_row(folder: Path):
    write(
        folder,
        "fx_rates.csv",
        "rate_date,from_currency,to_currency,rate",
        "2026-06-01,EUR,USD,1.1",
        "2026-06-01,USD,GBP,0.8",
        "2026-06-01,SEK,EUR,0.09",
    )
    write(
        folder,
        "deals.csv",
        "deal_id,amount,currency,closed_at",
        "direct,1,EUR,2026-06-03",
        "turned,1,GBP,2026-06-08",
        "crossed,1,SEK,2026-06-03",
        "ours,1,,2020-01-01",
        "late,1,EUR,2026-06-09",
        "open,1,EUR,",
        "never,1,CHF,2026-06-03",
        "no amount,,JPY,2026-06-03",
    )
    write(folder, "spend.csv", "spend_id,start_date,end_date,amount,currency", "fair,2026-06-07,2026-07-31,90,EUR")
    lost = "no amount in USD for"
    assert told() == [
        ("deals.csv", 6, f"EUR has no rate of 2 days, the first 2026-06-09: {lost} 2 rows of deals", False),
        ("deals.csv", 8, f"CHF has no rate at all, the first 2026-06-03: {lost} 1 row of deals", False),
        ("spend.csv", 2, f"EUR has no rate of 22 days, the first 2026-06-09: {lost} 1 row of spend", False),
    ]


def test_shares_of_a_deal_above_one_warn(folder: Path):
    write(
        folder,
        "deal_splits.csv",
        "deal_id,owner_id,share",
        "d,ann,0.9",
        "d,bob,0.3",
        "e,ann,0.5",
        "e,bob,0.5",
        "f,a,0.1",
    )
    assert told() == [("deal_splits.csv", 2, "the shares of deal d make 1.2, more than 1", False)]


def test_a_mapping_is_followed(folder: Path):
    write(folder, "mapping.toml", '[deals]\nfiles = "pipeline.csv"\n[deals.columns]\ndeal_id = "id"\n'
          'currency = {value = "CHF"}\namount = "value"')  # fmt: skip
    write(folder, "pipeline.csv", "id,value", "1,5")
    lost = "no amount in USD for 1 row of deals"
    assert told() == [("pipeline.csv", 2, f"CHF has no rate at all, the first 2026-06-30: {lost}", False)]


def test_no_targets_and_no_rates_are_no_mistake(folder: Path):
    write(folder, "people.csv", "person_id", "p1")
    assert told() == []


def test_files_that_cannot_be_read_warn_and_are_left_to_the_load(folder: Path):
    write(folder, "targets.csv", "nothing", "x")
    [(_, _, what, stops)] = told()
    assert what.startswith("targets and rates are not checked: targets.csv has a broken header")
    assert not stops


def test_mistakes_of_files_are_told_together_with_those_of_seeds_before_anything_is_loaded(
    folder: Path, project: Path, capsys: pytest.CaptureFixture  # noqa: F811
):  # fmt: skip
    write(
        folder,
        "targets.csv",
        TARGETS,
        f"one,sales,bookings,ann,,,{Q2},100,CHF,,",
        f"two,sales,bookings,ann,,,{Q2},300,CHF,,",
    )
    line = add(project, "crm_stage_map", "files,demo,propsal")
    with pytest.raises(ConfigurationError) as stopped:
        require_sound_configuration(project)
    assert "mistakes in the configuration (2)" in str(stopped.value)
    assert f"crm_stage_map.csv:{line}: unknown stage 'propsal'" in str(stopped.value)
    assert f"{folder}/targets.csv:3: sales bookings of owner ann has a second target" in str(stopped.value)
    warning = f"warning     {folder}/targets.csv:2: CHF has no rate at all, the first 2026-04-01: no amount"
    assert warning in capsys.readouterr().out
    assert not (warehouse_dir() / "raw").exists()
