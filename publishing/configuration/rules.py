"""Rules of which the first that holds decides: two rules for one thing, and rules that never come into play.

That rules overlap is no mistake, for their priorities say which comes first: a general rule may follow special ones. A
mistake is what priorities do not settle - two rules of one priority that both take something, one rule twice with two
meanings - and a rule is idle if an earlier one takes all of it, patterns compared by what they match. The rules of
platforms have no order: one pattern or click id for two platforms is a mistake.
"""

from collections.abc import Iterator
from itertools import combinations

from publishing.configuration.cells import number
from publishing.configuration.patterns import matched_by_both, matched_by_first_alone
from publishing.configured import Configuration, Mistake, Row, Seed

# Where the first rule that holds decides, and on what.
FIRST_RULE_DECIDES = {"channel_rules": "channel", "segment_rules": "segment"}


def rules(configuration: Configuration) -> Iterator[Mistake]:
    """What the order of the rules does not settle, and rules behind broader ones."""
    for name, decides in FIRST_RULE_DECIDES.items():
        seed = configuration.seeds[name]
        ordered = sorted((row for row in seed.rows if number(row["priority"]) is not None), key=_priority)
        for first, second in combinations(ordered, 2):
            differ = first[decides] != second[decides]
            first_takes_all, second_takes_all = _takes_all(first, second, decides), _takes_all(second, first, decides)
            if first_takes_all and second_takes_all and differ:
                what = f"the conditions of line {first.line} again, for {second[decides]!r} and not {first[decides]!r}"
                yield seed.mistake(second, what, "keep one of the two rules")
            elif first_takes_all:
                what = f"never comes into play: line {first.line} takes all of it"
                yield seed.mistake(second, what, "delete it or give it a lower priority number", stops=False)
            elif differ and first["priority"] == second["priority"] and (both := _both_take(first, second, decides)):
                what = (
                    f"{both} is {second[decides]!r} here and {first[decides]!r} by line {first.line}, at one priority"
                )
                yield seed.mistake(second, what, "let the rule that comes first have the lower priority number")
    yield from _platforms(configuration.seeds["platform_rules"])


def _platforms(seed: Seed) -> Iterator[Mistake]:
    for first, second in combinations(seed.rows, 2):
        for column in ("source_pattern", "click_id_type"):
            one, other = first[column], second[column]
            is_same = one and other and _holds_wherever(column, one, other) and _holds_wherever(column, other, one)
            if is_same and first["platform"] != second["platform"]:
                what = (
                    f"{column} {other!r} is {second['platform']!r} here and {first['platform']!r} by line {first.line}"
                )
                yield seed.mistake(second, what, "keep one of the two rules")


def _priority(row: Row) -> tuple[float, int]:
    return number(row["priority"]), row.line


def _conditions(row: Row, decides: str) -> dict[str, str]:
    return {column: value for column, value in row.cells.items() if value and column not in ("priority", decides)}


def _takes_all(first: Row, second: Row, decides: str) -> bool:
    """Whether whatever the second rule takes is the first one's."""
    narrow = _conditions(second, decides)
    return all(
        column in narrow and _holds_wherever(column, value, narrow[column])
        for column, value in _conditions(first, decides).items()
    )


def _holds_wherever(column: str, broad: str, narrow: str) -> bool:
    """Whether a condition holds wherever another one on the same column does."""
    if broad == narrow or not column.endswith("pattern"):
        return broad == narrow
    try:
        return matched_by_first_alone(narrow, broad) is None
    except ValueError:
        return False


def _both_take(first: Row, second: Row, decides: str) -> str | None:
    """Something that both rules take, in words; None if there is no such thing."""
    conditions, others = _conditions(first, decides), _conditions(second, decides)
    told = []
    for column in conditions.keys() | others.keys():
        name = column.removesuffix("_pattern")
        both = [rule[column] for rule in (conditions, others) if column in rule]
        if not column.endswith("pattern"):
            value = both[0] if len(set(both)) == 1 else None
        else:
            try:
                value = matched_by_both(both[0], both[-1])
            except ValueError:
                value = None
        if value is None:
            return None
        told.append(f"{name} {value!r}")
    return " and ".join(sorted(told)) or "everything"
