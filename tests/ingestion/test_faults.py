"""Whatever a vendor or the machine does to a load: it succeeds, or says why in a line, and the next night is whole."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from ad_worlds import AS_OF, ad_world, days_in_raw, days_told, next_day

from ingestion.load import LoadError, load
from ingestion.sandbox.faults import KINDS
from ingestion.sandbox.vendors import google_ads, meta_ads
from ingestion.sandbox.world import World
from ingestion.sources import google_ads as google_ads_source

# Where the rows of a campaign's days come from.
REPORTS = {"google_ads": "customers/1000000001/googleAds:search", "meta_ads": "/insights"}
SECRETS = {
    google_ads.ACCESS_TOKEN,
    meta_ads.ACCESS_TOKEN,
    *(google_ads.SETTINGS[name] for name in ("DEVELOPER_TOKEN", "CLIENT_SECRET", "REFRESH_TOKEN")),
}
ATTEMPTS = 3
AddFault = Callable[..., None]


@pytest.fixture(params=["google_ads", "meta_ads"])
def platform(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def world(platform: str) -> World:
    """What the platform knows."""
    return ad_world(platform)


@pytest.fixture
def base_url(world: World, sandbox, monkeypatch) -> Iterator[str]:
    """A sandbox that serves the world to impatient sources that ask `ATTEMPTS` times."""
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", str(ATTEMPTS))
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "5")
    monkeypatch.setattr(google_ads_source, "CLICK_DAYS", 5)
    with sandbox(world) as url:
        yield url


@pytest.fixture
def add_fault(base_url: str, platform: str) -> AddFault:
    """`add_fault("cut", times=2)` spoils the platform's next answers."""

    def add(fault: str, **details: object) -> None:
        asked = {"vendor": platform, "fault": fault} | details
        requests.post(f"{base_url}/control/faults", json=asked, timeout=5).raise_for_status()

    return add


def assert_clear(error: LoadError, platform: str) -> None:
    """One line that names the source and holds no secret."""
    message = str(error)
    assert message.startswith(f"{platform} was not loaded: ")
    assert "\n" not in message
    assert "lder rows stay" in message
    assert not [secret for secret in SECRETS if secret in message]


@pytest.mark.parametrize("fault", ["rate_limited", "server_error", "slow", "cut"])
def test_passing_fault_is_overcome(platform: str, world: World, add_fault: AddFault, monkeypatch, fault: str) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "1")
    add_fault(fault, times=ATTEMPTS - 1, path=REPORTS[platform], seconds=2.0)
    load(platform, AS_OF)
    assert days_in_raw(platform) == days_told(world)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("rate_limited", r"answered (429|400) \(.*oo many .*It kept saying so: run the load again later"),
        ("server_error", r"answered 503 \(Service Unavailable\)\. It kept saying so"),
        ("cut", r"no answer from 127\.0\.0\.1:\d+ \(ChunkedEncodingError\)\. Check SOURCES__.*__BASE_URL"),
        ("malformed_row", r"a row has text where .* stands"),
        ("changed_type", r"is 'not a number', not a (bigint|decimal) \(row 1 of a page of \d+\)"),
    ],
)
def test_lasting_fault_is_told_and_the_next_night_is_whole(
    platform: str, world: World, add_fault: AddFault, fault: str, message: str
) -> None:
    load(platform, AS_OF)
    before = days_in_raw(platform)
    tomorrow = next_day(world)
    times = 1 if fault in ("malformed_row", "changed_type") else ATTEMPTS
    add_fault(fault, times=times, path=REPORTS[platform])
    with pytest.raises(LoadError, match=message) as raised:
        load(platform, tomorrow)
    assert_clear(raised.value, platform)
    assert days_in_raw(platform) == before
    load(platform, tomorrow)
    assert days_in_raw(platform) == days_told(world)


def test_new_field_changes_nothing(platform: str, world: World, add_fault: AddFault) -> None:
    add_fault("new_field", times=100)
    load(platform, AS_OF)
    assert days_in_raw(platform) == days_told(world)


def test_expired_token_is_renewed_or_told(platform: str, world: World, add_fault: AddFault) -> None:
    """Google's is renewed; Meta's is made by a person."""
    add_fault("unauthorized", path=REPORTS[platform])
    if platform == "meta_ads":
        with pytest.raises(LoadError, match=r"answered 401 \(Error validating access token.*Token: \*\*\*") as raised:
            load(platform, AS_OF)
        assert_clear(raised.value, platform)
        assert days_in_raw(platform) == []
    load(platform, AS_OF)
    assert days_in_raw(platform) == days_told(world)


def test_refused_fault_names_the_known_ones(base_url: str) -> None:
    asked = {"vendor": "google_ads", "fault": "earthquake"}
    answer = requests.post(f"{base_url}/control/faults", json=asked, timeout=5)
    assert answer.status_code == 400
    assert all(kind in answer.json()["error"] for kind in KINDS)


@pytest.mark.parametrize("platform", ["google_ads"], indirect=True)
@pytest.mark.parametrize(
    "moment",
    [
        "dlt.normalize.normalize.Normalize.run",
        "dlt.load.load.Load.run",
        "dlt.load.load.Load.complete_package",
    ],
)
def test_kill_between_the_steps_of_a_load_is_healed(platform: str, world: World, base_url: str, moment: str) -> None:
    """The process ends itself, as by `kill -9`, when it comes to that moment of the load."""
    load(platform, AS_OF)
    tomorrow = next_day(world)
    owner, _, method = moment.rpartition(".")
    module, _, name = owner.rpartition(".")
    script = f"""
import os, signal
from datetime import date
from {module} import {name}
from ingestion.load import load
{name}.{method} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
load("{platform}", date.fromisoformat("{tomorrow}"))
"""
    killed = subprocess.run([sys.executable, "-c", script], timeout=120, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    load(platform, tomorrow)
    assert days_in_raw(platform) == days_told(world)


def test_kill_in_mid_pull_is_healed(platform: str, world: World, base_url: str, add_fault: AddFault) -> None:
    load(platform, AS_OF)
    tomorrow = next_day(world)
    add_fault("slow", path=REPORTS[platform], seconds=60.0)
    command = [sys.executable, "-m", "ingestion.load", platform]
    with subprocess.Popen(command, env=os.environ | {"AS_OF": tomorrow.isoformat()}) as pulling:
        deadline = time.monotonic() + 60
        while requests.get(f"{base_url}/control/state", timeout=5).json()["faults"]:
            assert pulling.poll() is None, "it ended before it came to the slow answer"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        pulling.kill()
    load(platform, tomorrow)
    assert days_in_raw(platform) == days_told(world)
