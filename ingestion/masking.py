"""No address or phone number leaves the warehouse in what is told of it: a source's own ids may be people's emails.

Everything that reports, pages, manifests and the night's output show of single rows, or quote from errors, goes through
`masked`. What looks like neither (`+` begins a phone number) is shown: a number of digits is most often an id.
"""

import re

PERSONAL = re.compile(r"[\w.+%'-]+@(?:[\w-]+\.)*[^\W\d_]{2,}|\+\d[\d ().\-/]{6,}\d")
MASK = "***"


def masked(value: object) -> object:
    """A text without its email addresses and phone numbers; anything else as it is."""
    return PERSONAL.sub(MASK, value) if isinstance(value, str) else value
