"""Alerting: rules, judging, watching, delivering."""
