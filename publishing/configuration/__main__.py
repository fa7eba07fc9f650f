"""`python -m publishing.configuration` tells every mistake; exits 1 if one of them stops the night."""

import sys

from publishing.configuration import ConfigurationError, require_sound_configuration


def main() -> int:
    """Tell every mistake; 1 if one of them stops the night."""
    try:
        require_sound_configuration()
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    print("the configuration is sound")
    return 0


if __name__ == "__main__":
    sys.exit(main())
