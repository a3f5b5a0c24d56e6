"""The host's own package of this name."""
