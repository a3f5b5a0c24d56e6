"""A local stand-in for Discord: its REST API and Gateway over real HTTP, a page to see it, and traffic."""

from monitoring.sandbox.interactions import Answer
from monitoring.sandbox.invoking import NotOffered
from monitoring.sandbox.refusals import Refusal
from monitoring.sandbox.server import Sandbox

__all__ = ["Answer", "NotOffered", "Refusal", "Sandbox"]
