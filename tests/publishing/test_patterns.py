"""What two patterns match, against every short text tried with Python's own regular expressions."""

import re
from itertools import combinations_with_replacement, product

import pytest

from publishing.configuration.patterns import matched_by_both, matched_by_first_alone

PATTERNS = [
    "a", "^a", "a$", "^a$", "^$", "b|^a$", "(ab|b)+", "^(a|b)*$", "^a.b$", "[^a]", "^[ab]{2}$", "a{2,}", "^ab?a",
    ".*a.*", "(^|b)a", "^(.*ab.*|bb)$", "(a$|^b)", "a+?b", r"^\w$", r"\d", "", "^(a|)$",
]  # fmt: skip
TEXTS = ["".join(text) for length in range(6) for text in product("ab1", repeat=length)]


@pytest.mark.parametrize(("first", "second"), list(combinations_with_replacement(PATTERNS, 2)))
def test_a_text_is_found_exactly_if_there_is_one(first: str, second: str):
    found = {pattern: {text for text in TEXTS if re.search(pattern, text)} for pattern in (first, second)}
    both = matched_by_both(first, second)
    assert bool(found[first] & found[second]) == (both is not None)
    assert both is None or (re.search(first, both) and re.search(second, both))
    for one, other in ((first, second), (second, first)):
        alone = matched_by_first_alone(one, other)
        assert alone is not None or not found[one] - found[other]
        assert alone is None or (re.search(one, alone) and not re.search(other, alone))


@pytest.mark.parametrize("pattern", ["a(?=b)", r"(a)\1", "a{99}", "(?i)a", "("])
def test_what_cannot_be_compared_is_an_error(pattern: str):
    with pytest.raises(ValueError, match=r"."):
        matched_by_both(pattern, "a")
