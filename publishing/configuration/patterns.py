"""What two regular expressions match, decided exactly: is there a text of both, or a text of one alone?

Patterns are those of the seeds: found anywhere in a text of one line, written with characters, classes, groups,
alternatives, repeats and anchors; ValueError for anything more. Each becomes an automaton of which all states are
followed at once; texts are tried by length, over the characters that the patterns name and one of each other kind.
"""

import re
import string
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from re import _constants as code
from re import _parser as parser

# One character of each kind that a class such as \w or a dot tells apart, if no pattern names it.
KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, " ", "_", "-!#%&,:;=@~")
CATEGORIES: dict[object, Callable[[str], bool]] = {
    code.CATEGORY_DIGIT: str.isdigit,
    code.CATEGORY_NOT_DIGIT: lambda character: not character.isdigit(),
    code.CATEGORY_SPACE: str.isspace,
    code.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    code.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    code.CATEGORY_NOT_WORD: lambda character: not (character.isalnum() or character == "_"),
}
MOST_COPIES = 50
Taken = Callable[[str], bool]


def matched_by_both(first: str, second: str) -> str | None:
    """A shortest text in which both patterns are found; None if there is none."""
    return _shortest(first, second, lambda one, other: one and other)


def matched_by_first_alone(first: str, second: str) -> str | None:
    """A shortest text in which the first pattern is found and the second is not; None if there is none."""
    return _shortest(first, second, lambda one, other: one and not other)


def _shortest(first: str, second: str, is_sought: Callable[[bool, bool], bool]) -> str | None:
    one, other = _automaton(first), _automaton(second)
    alphabet = sorted(one.named | other.named | set(_unnamed(one.named | other.named)))
    begin = one.begin(), other.begin()
    found, waiting = {begin}, deque([(begin, "")])
    while waiting:
        (in_one, in_other), text = waiting.popleft()
        if is_sought(one.matches(in_one), other.matches(in_other)):
            return text
        for character in alphabet:
            states = one.step(in_one, character), other.step(in_other, character)
            if states not in found:
                found.add(states)
                waiting.append((states, text + character))
    return None


def _unnamed(named: set[str]) -> Iterator[str]:
    for kind in KINDS:
        yield from [character for character in kind if character not in named][:1]


@dataclass
class _Automaton:
    """States by number, from 0; `takes` and `passes` say which follows upon a character, and upon none."""

    named: set[str] = field(default_factory=set)
    takes: dict[int, list[tuple[Taken, int]]] = field(default_factory=dict)
    passes: dict[int, list[tuple[object, int]]] = field(default_factory=dict)
    states: int = 1
    end: int = 0

    def new_state(self) -> int:
        self.states += 1
        return self.states - 1

    def take(self, state: int, taken: Taken, target: int) -> None:
        self.takes.setdefault(state, []).append((taken, target))

    def go(self, state: int, target: int, only_at: object = None) -> None:
        self.passes.setdefault(state, []).append((only_at, target))

    def begin(self) -> frozenset[int]:
        return self._reached({0}, {code.AT_BEGINNING, code.AT_BEGINNING_STRING})

    def step(self, states: frozenset[int], character: str) -> frozenset[int]:
        # What was found once stays found; anything may come before.
        following = {target for state in states for taken, target in self.takes.get(state, ()) if taken(character)}
        return self._reached(following | {0} | ({self.end} & states), set())

    def matches(self, states: frozenset[int]) -> bool:
        return self.end in self._reached(states, {code.AT_END, code.AT_END_STRING})

    def _reached(self, states: set[int] | frozenset[int], places: set[object]) -> frozenset[int]:
        reached, waiting = set(states), list(states)
        while waiting:
            for only_at, target in self.passes.get(waiting.pop(), ()):
                if target not in reached and (only_at is None or only_at in places):
                    reached.add(target)
                    waiting.append(target)
        return frozenset(reached)


@cache
def _automaton(pattern: str) -> _Automaton:
    try:
        parsed = parser.parse(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r}: {error}") from None
    if parsed.state.flags & ~re.UNICODE:
        raise ValueError(f"{pattern!r} has flags, which are not compared")
    automaton = _Automaton()
    automaton.end = _add(automaton, parsed, 0)
    return automaton


def _add(automaton: _Automaton, parsed: parser.SubPattern, state: int) -> int:
    """The state after a pattern that begins in a state."""
    for kind, given in parsed:
        state = _add_one(automaton, kind, given, state)
    return state


def _add_one(automaton: _Automaton, kind: object, given: object, state: int) -> int:
    if kind is code.SUBPATTERN and not (given[1] or given[2]):
        return _add(automaton, given[3], state)
    if kind is code.BRANCH:
        end = automaton.new_state()
        for branch in given[1]:
            begin = automaton.new_state()
            automaton.go(state, begin)
            automaton.go(_add(automaton, branch, begin), end)
        return end
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        return _repeat(automaton, *given, state)
    end = automaton.new_state()
    if kind is code.AT and given in (code.AT_BEGINNING, code.AT_BEGINNING_STRING, code.AT_END, code.AT_END_STRING):
        automaton.go(state, end, given)
    else:
        automaton.take(state, _taken(automaton, kind, given), end)
    return end


def _repeat(automaton: _Automaton, least: int, most: int, parsed: parser.SubPattern, state: int) -> int:
    if least > MOST_COPIES or (most is not code.MAXREPEAT and most > MOST_COPIES):
        raise ValueError(f"more than {MOST_COPIES} repeats")
    for _ in range(least):
        state = _add(automaton, parsed, state)
    end = automaton.new_state()
    if most is code.MAXREPEAT:
        loop = automaton.new_state()
        automaton.go(state, loop)
        automaton.go(_add(automaton, parsed, loop), loop)
        automaton.go(loop, end)
        return end
    automaton.go(state, end)
    for _ in range(most - least):
        state = _add(automaton, parsed, state)
        automaton.go(state, end)
    return end


def _taken(automaton: _Automaton, kind: object, given: object) -> Taken:
    """Which characters one place of a pattern takes."""
    if kind is code.LITERAL:
        automaton.named.add(chr(given))
        return lambda character: character == chr(given)
    if kind is code.NOT_LITERAL:
        automaton.named.add(chr(given))
        return lambda character: character != chr(given)
    if kind is code.ANY:
        return lambda character: True
    if kind is code.RANGE:
        automaton.named |= {chr(place) for place in range(given[0], given[1] + 1)}
        return lambda character: given[0] <= ord(character) <= given[1]
    if kind is code.CATEGORY and given in CATEGORIES:
        return CATEGORIES[given]
    if kind is code.IN:
        is_negated = given[0][0] is code.NEGATE
        parts = [_taken(automaton, *part) for part in given[is_negated:]]
        return lambda character: any(part(character) for part in parts) is not is_negated
    raise ValueError(f"{kind} is more than can be compared")
