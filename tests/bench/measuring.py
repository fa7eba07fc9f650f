"""Seconds, memory and tables on the screen."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

SAMPLED_SECONDS = 0.1


@dataclass(frozen=True)
class Measured:
    """Seconds of wall clock, and the peak memory (MiB) of this process and all it started."""

    seconds: float
    peak_mib: float


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall clock."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def measured(work: Callable[[], object]) -> Measured:
    """Seconds and peak memory."""
    done, peak = threading.Event(), 0

    def watch() -> None:
        nonlocal peak
        while not done.wait(SAMPLED_SECONDS):
            peak = max(peak, _memory())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        seconds = timed(work)
    finally:
        done.set()
        watcher.join()
    return Measured(seconds, peak / 2**20)


def _memory() -> int:
    """Bytes resident now, of this process and all it started."""
    this = psutil.Process()
    total = 0
    for process in [this, *this.children(recursive=True)]:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:  # it has ended since
            continue
    return total


def show(rows: list[dict]) -> None:
    """Print measurements as a table; what is nested (seconds by model) is in `bench.json` only."""
    flat = [{name: value for name, value in row.items() if not isinstance(value, dict)} for row in rows]
    cells = [list(flat[0])] + [
        [f"{value:,.1f}" if isinstance(value, float) else str(value) for value in row.values()] for row in flat
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    print(flush=True)
