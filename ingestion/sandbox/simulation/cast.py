"""People written by hand: every special case happens in the company, whatever its size."""

from ingestion.sandbox.simulation.facts import Facts


def play(facts: Facts, seed: int) -> None:
    """Add the cast's lives to the facts."""
