"""Attribution of 10,000 random journeys over eight channels against independent computations, to 1e-9.

- markov: the chain of the journeys in numpy, solved once for every channel taken out (no formula of an inverse);
- shapley: its definition, over all 256 sets of channels;
- in `make prove` also the package ChannelAttribution 2.2.5 (its matrix, heuristics and simulation), in an environment
  of its own.
"""

import importlib.util
import json
import math
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.attribution.conftest import Attributed, Journey, attributed

CHANNELS = ["direct", "paid_search", "email", "referral", "paid_social", "organic_search", "event", "display"]
END = datetime(2026, 6, 30)
SIMULATION_BOUND = 0.02
MODEL = Path("dbt_project/models/intermediate/int_channels__removed.py")
# The build's uv where there is one, else that of the machine.
UV = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]))


def random_journeys() -> list[Journey]:
    """Journeys of one to twelve touches that repeat channels; what somebody saw decides whether they buy."""
    chance = random.Random(7)
    odds = dict(zip(CHANNELS, (0.02, 0.12, 0.1, 0.06, 0.04, 0.08, 0.2, 0.01), strict=True))
    weights = [9, 8, 7, 5, 4, 3, 1, 2]
    journeys = []
    for number in range(10_000):
        length = min(1 + int(chance.expovariate(0.45)), 12)
        channels = chance.choices(CHANNELS, weights, k=length)
        channels = [channels[i - 1] if i and chance.random() < 0.2 else channels[i] for i in range(length)]
        start = END - timedelta(days=chance.uniform(1, 80))
        touches = [(start + timedelta(minutes=index), channel) for index, channel in enumerate(channels)]
        converts = chance.random() < 1 - math.prod(1 - odds[channel] for channel in channels)
        journey = Journey(f"p{number:05}", touches)
        if converts:
            journey.conversions["customer"] = touches[-1][0] + timedelta(hours=chance.choice([0, 1, 5]))
        journeys.append(journey)
    return journeys


@pytest.fixture(scope="module")
def journeys() -> list[Journey]:
    return random_journeys()


@pytest.fixture(scope="module")
def converted(journeys: list[Journey]) -> list[list[str]]:
    """The channels of every path that led to a customer, in order."""
    return [[channel for _, channel in each.touches] for each in journeys if each.conversions]


@pytest.fixture(scope="module")
def built(journeys: list[Journey], tmp_path_factory: pytest.TempPathFactory) -> Attributed:
    return attributed(tmp_path_factory.mktemp("random"), journeys, [])


@pytest.fixture(scope="module")
def matrix(journeys: list[Journey]) -> pd.DataFrame:
    """How likely a state follows a state, counted from the journeys."""
    steps: Counter = Counter()
    for each in journeys:
        outcome = "(conversion)" if each.conversions else "(null)"
        steps.update(pairwise(["(start)", *(channel for _, channel in each.touches), outcome]))
    states = ["(start)", *CHANNELS, "(conversion)", "(null)"]
    counts = pd.DataFrame(
        [[steps[before, after] for after in states] for before in states], states, states, dtype="float64"
    )
    return counts.div(counts.sum(axis=1).replace(0, 1), axis=0)


def p_conversion(matrix: pd.DataFrame, without: str | None = None) -> float:
    """How likely (start) leads to (conversion), a channel taken out leading to (null)."""
    left = [state for state in ["(start)", *CHANNELS] if state != without]
    steps = matrix.loc[left, left].to_numpy()
    return np.linalg.solve(np.identity(len(left)) - steps, matrix.loc[left, "(conversion)"].to_numpy())[0]


@pytest.fixture(scope="module")
def effects(matrix: pd.DataFrame) -> dict[str, float]:
    """The removal effect of every channel, by its definition."""
    return {channel: 1 - p_conversion(matrix, without=channel) / p_conversion(matrix) for channel in CHANNELS}


def totals(built: Attributed, model: str) -> dict[str, float]:
    rows = built.rows(f"""
        select channel, conversions from marketing.rpt_attribution_channels
        where conversion_type = 'customer' and attribution_model = '{model}' and period_start is null
    """)
    return {channel: float(conversions) for channel, conversions in rows}


def test_the_transition_matrix_is_that_of_the_journeys(built: Attributed, matrix: pd.DataFrame) -> None:
    rows = built.rows("select from_state, to_state, probability from intermediate.int_channels__followed")
    ours = {(before, after): probability for before, after, probability in rows}
    assert ours == pytest.approx({step: p for step, p in matrix.stack().items() if p}, abs=1e-9)


def test_removal_effects_equal_the_chain_solved_without_each_channel(built: Attributed, effects: dict) -> None:
    ours = dict(built.rows("select channel, removal_effect from intermediate.int_channels__removed"))
    assert ours == pytest.approx(effects, abs=1e-9)


def test_markov_totals_are_the_channels_parts_of_all_effects(
    built: Attributed, effects: dict, converted: list[list[str]]
) -> None:
    expected = {channel: effect / sum(effects.values()) * len(converted) for channel, effect in effects.items()}
    assert totals(built, "markov") == pytest.approx(expected, abs=1e-9)


def test_markov_weights_are_the_touches_parts_of_their_paths_effects(
    built: Attributed, effects: dict, journeys: list[Journey]
) -> None:
    rows = built.rows(
        "select person_key, touch_key, weight from marketing.fct_attribution where attribution_model = 'markov'"
    )
    expected = {}
    for each in (each for each in journeys if each.conversions):
        whole = sum(effects[channel] for _, channel in each.touches)
        for number, (_, channel) in enumerate(each.touches, start=1):
            expected[each.person, f"{each.person}{number:05}"] = effects[channel] / whole
    assert {(person, touch): float(weight) for person, touch, weight in rows} == pytest.approx(expected, abs=1e-9)


def test_shapley_totals_equal_the_definition_over_all_sets_of_channels(
    built: Attributed, converted: list[list[str]]
) -> None:
    paths = Counter(frozenset(path) for path in converted)
    worth = {
        frozenset(members): sum(count for channels, count in paths.items() if channels <= frozenset(members))
        for size in range(len(CHANNELS) + 1)
        for members in combinations(CHANNELS, size)
    }
    assert len(worth) == 256
    n = len(CHANNELS)
    expected = {
        channel: sum(
            math.factorial(len(members)) * math.factorial(n - len(members) - 1) / math.factorial(n)
            * (worth[members | {channel}] - worth[members])
            for members in worth
            if channel not in members
        )
        for channel in CHANNELS
    }  # fmt: skip
    assert totals(built, "shapley") == pytest.approx(expected, abs=1e-9)


def test_forty_channels_are_solved_in_under_a_second() -> None:
    """A chain in which every one of 40 channels follows every other, for each of five kinds of conversion."""
    chance = np.random.default_rng(1)
    channels = [f"channel_{number:02}" for number in range(40)]
    steps = pd.DataFrame(
        [
            (kind, before, after, share)
            for kind in ("lead", "qualified", "opportunity", "customer", "won_deal")
            for before in ["(start)", *channels]
            for after, share in zip([*channels, "(conversion)", "(null)"], chance.dirichlet(np.ones(42)), strict=True)
        ],
        columns=["conversion_type", "from_state", "to_state", "probability"],
    )
    spec = importlib.util.spec_from_file_location("int_channels__removed", MODEL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    dbt = SimpleNamespace(
        config=lambda **settings: None,
        ref=lambda name: SimpleNamespace(df=lambda: steps.sample(frac=1, random_state=1)),
    )
    started = time.perf_counter()
    removed = module.model(dbt, None)
    assert time.perf_counter() - started < 1
    assert len(removed) == 5 * 40
    assert removed["removal_effect"].between(0, 1).all()
    in_order = SimpleNamespace(config=dbt.config, ref=lambda name: SimpleNamespace(df=lambda: steps))
    assert module.model(in_order, None).equals(removed)


PACKAGE = """
import json, sys
import ChannelAttribution, pandas
journeys = pandas.read_csv(sys.argv[1])
told = {"path": "path", "conv": "converted", "null": "not_converted"}
heuristics = ChannelAttribution.heuristic_models(journeys, "path", "converted", flg_pro=False)
matrix = ChannelAttribution.transition_matrix(journeys, "path", "converted", "not_converted", flg_pro=False)
markov = ChannelAttribution.markov_model(
    journeys, "path", "converted", var_null="not_converted", nsim_start=1e6, conv_par=0.005, seed=1, ncore=2,
    max_step=1000, flg_pro=False, verbose=False,
)
names = {str(row.id_channel): row.channel_name for row in matrix["channels"].itertuples()}
json.dump(
    {
        "heuristics": heuristics.to_dict("records"),
        "matrix": [
            (names.get(str(row.channel_from), row.channel_from), names.get(str(row.channel_to), row.channel_to),
             row.transition_probability)
            for row in matrix["transition_matrix"].itertuples()
        ],
        "markov": markov.to_dict("records"),
    },
    open(sys.argv[2], "w"),
)
"""


@pytest.fixture(scope="module")
def package(journeys: list[Journey], tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What ChannelAttribution 2.2.5 makes of the same journeys."""
    folder = tmp_path_factory.mktemp("package")
    pd.DataFrame(
        [
            (">".join(channel for _, channel in each.touches), len(each.conversions), 1 - len(each.conversions))
            for each in journeys
        ],
        columns=["path", "converted", "not_converted"],
    ).to_csv(folder / "journeys.csv", index=False)
    (folder / "package.py").write_text(PACKAGE)
    # Its import also needs matplotlib.
    libraries = ["--with", "ChannelAttribution==2.2.5", "--with", "matplotlib", "--with", "numpy", "--with", "pandas"]
    subprocess.run(
        [
            UV,
            "run",
            "--quiet",
            "--isolated",
            "--no-project",
            *libraries,
            "python",
            "package.py",
            "journeys.csv",
            "told.json",
        ],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        check=True,
        timeout=900,
    )
    return json.loads((folder / "told.json").read_text())


@pytest.mark.prove
@pytest.mark.parametrize("model", ["first_touch", "last_touch", "linear"])
def test_heuristics_equal_those_of_the_package(built: Attributed, package: dict, model: str) -> None:
    theirs = {row["channel_name"]: row[model.replace("linear", "linear_touch")] for row in package["heuristics"]}
    assert totals(built, model) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.prove
def test_the_transition_matrix_equals_that_of_the_package(built: Attributed, package: dict) -> None:
    rows = built.rows("select from_state, to_state, probability from intermediate.int_channels__followed")
    theirs = {(before, after): probability for before, after, probability in package["matrix"]}
    assert {(before, after): probability for before, after, probability in rows} == pytest.approx(theirs, abs=1e-9)


@pytest.mark.prove
def test_markov_lies_within_two_percent_of_the_packages_simulation(built: Attributed, package: dict) -> None:
    theirs = {row["channel_name"]: row["total_conversions"] for row in package["markov"]}
    ours = totals(built, "markov")
    judged = [channel for channel in CHANNELS if ours[channel] >= 100]
    assert len(judged) >= 5
    assert {channel: ours[channel] for channel in judged} == pytest.approx(
        {channel: theirs[channel] for channel in judged}, rel=SIMULATION_BOUND
    )
