"""The terminal: `monitoring …` or `python -m monitoring …`. Each command asks one question and shows the answer."""

WELL, WRONG, USAGE = 0, 1, 2
"""Exit statuses: all well; something is wrong; the call or a setting is."""
