"""Probes: the question "are you well?" to a service; one file each."""
