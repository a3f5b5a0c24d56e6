"""Greenroom: monitoring for AI persona bots on Discord, inside Discord."""

__version__ = "0.1.0"
