"""`python -m monitoring …` and the installed `monitoring …`."""

from __future__ import annotations

import sys

_LIBRARIES = {"typer", "rich"}
_INSTALL = 'pip install "greenroom[cli]"'


def main(arguments: list[str] | None = None) -> int:
    """Run a command of the terminal; without the libraries it takes, say what to install."""
    try:
        from monitoring.cli.app import run
    except ModuleNotFoundError as error:
        if error.name not in _LIBRARIES:
            raise

        sys.stderr.write(f"The terminal commands need {error.name}, which is not installed: {_INSTALL}\n")
        return 2

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
