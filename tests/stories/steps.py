"""Stories: a log book of facts and silence with the alert changes they should bring; read by the story runner.

A step is (when, fact or SILENCE, expected changes). `when` is the instant at which the ledger records the fact, and a
fact without a time of its own happened then. Expected are all changes of that step, in any order, as "raised K",
"cleared K", "updated K", "regressed K", "past K", "withdrawn K", with K an alert kind. A story in a file named after a
concern tells of that concern's kinds only; one in another file of all. Steps go forward in time.
"""

from typing import Final

from tests.facts import When, Wire, day, instant

Step = tuple[When, Wire | None, list[str]]
Story = list[Step]
SILENCE: Final = None

__all__ = ["SILENCE", "Step", "Story", "When", "Wire", "day", "instant"]
