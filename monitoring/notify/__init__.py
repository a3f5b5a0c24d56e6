"""Notifiers: one file for each destination outside Discord."""
