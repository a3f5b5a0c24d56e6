"""The terminal: `monitoring …` or `python -m monitoring …`. Each command asks one question and shows the answer."""

WELL, WRONG, USAGE, UNKNOWN = 0, 1, 2, 3
"""Exit statuses: all well; something is wrong; the call or a setting is. `probe` has its own, and the fourth."""
INTERRUPTED = 130
"""After Ctrl-C."""
