"""Sentences about what is odd about a report: for the answer at registration and for screens."""

from __future__ import annotations

from node.core.flags import Flag
from node.service.phrases import Phrase, phrase


def flag_line(flag: Flag) -> Phrase:
    """What it says, with whatever is proposed instead."""
    values = dict(flag.values)
    key = f"flag.{flag.kind}"
    if "near" in values and not values["near"]:
        key += ".alone"
    if "here" in values and not values["here"]:
        key += ".none"
    return phrase(key, **values)
