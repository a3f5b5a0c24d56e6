"""`python -m monitoring …` and the installed `monitoring …`."""

from __future__ import annotations

import sys

_LIBRARIES = {"typer", "rich", "textual"}
_INSTALL = 'pip install "greenroom[cli]"'


def main(arguments: list[str] | None = None) -> int:
    """Run a command of the terminal; without the libraries it takes, say what to install."""
    try:
        # A command loads what only it needs when it is called.
        from monitoring.cli.app import run

        return run(arguments)
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise

        sys.stderr.write(f"The terminal commands need {library}, which is not installed: {_INSTALL}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
