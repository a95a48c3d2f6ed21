"""What adapters say to people: how a unit's system answers to a probe, and what is wrong with a
mapping. Each remark is kept as a key with values, so that whoever shows it can say it in another
language. As a text it is English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "table": "must be a table",
    "text": "must be a text",
    "list": "must be a list",
    "required": "required",
    "missing": "missing",
    "unknown_word": "unknown word {name!r}",
    "zone_missing": 'say which zone a time without one is in, e.g. "Asia/Shanghai"',
    "zone": "{zone!r} is no zone name or +hh:mm",
    "form": "{form!r} is no strptime pattern, iso, unix or unix_ms",
    "codes_table": "must be a table ours = theirs",
    "codes_rows": "more than {most} rows",
    "codes_twice": "{theirs!r} stands for {first!r} and {second!r}",
    "rule_table": "must be a table with field, template or const",
    "rule_one_of": "exactly one of field, template, const",
    "no_such_field": "we have no field {field!r}",
    "no_such_codes": "there is no codes.{table}",
    "no_key": "no field carries our key, so nothing could ever be looked up",
    "not_ours": "we have no such field; known: {known}",
    "needs_path": "needs a path (or join = [paths])",
    "no_such_act": "we have no such act",
    "means_both": "{code!r} means both {first} and {second}",
    "declare": "list every status the unit's system can show",
    "unmapped": "{code!r} is declared but means nothing; map it, to none if so",
    "undeclared": "{code!r} is mapped but not declared",
    "absent": "no status says it; add one or a sentence why",
    "not_absent": "is mapped, so it is not absent",
    "two_acts": "{code!r} stands for two acts",
    "toml": "line {line} is not TOML: {detail}",
    "too_large": "larger than {most} bytes",
    "never_heard": "neither poll nor webhook, so nothing would ever be heard",
    "photos_inside": "a pushed notification must carry its photos itself",
    "not_http": "must begin with http:// or https://",
    "no_password": "no user or password; they belong into secret_file",
    "secret_bytes": "at least {least} bytes",
    "secret_for": "required for auth = {how}",
    "receipts": "name the columns key and reference",
    "secret_short": "at least {least} characters",
    "style": "cursor or window",
    # --- how a unit's system is -------------------------------------------------------------------
    "not_called": "not called yet",
    "answers": "answers",
    "answered": "answered at {at}",
    "links": "{count} links are valid",
    "folder": "{folder} is there and writable",
    "folder_missing": "{folder} is missing; is the share mounted?",
    "folder_readonly": "{folder} is not writable for us",
    "unreachable": "cannot reach {at}: {detail}",
    "slow": "no answer within {seconds} s",
    "lost": "the answer was lost: {detail}",
    "http": "{what}: HTTP {status}",
    "once": "this kind reads nothing twice",
    # --- what of it could not be read -------------------------------------------------------------
    "status_unknown": "status {status!r} is not in the mapping",
    "not_in_codes": "{name}: {value!r} is not in codes.{table}",
    "nothing_at": "{name}: nothing at {path}",
    "no_time": "{name}: {value!r} is no time",
    "too_long": "{name}: longer than {most} characters",
    "structure": "{name}: a structure where text was expected",
    "unspeakable": "{name}: characters that no text may hold",
    "no_record": "these bytes are no single record; have it sent again",
}
"""English by key. A node's catalogue says the same in Chinese."""


class Remark(str):
    """One of them. ``place``: the key of the mapping that it is about, "" = none or all of it."""

    __slots__ = ("key", "place", "values")

    place: str
    key: str
    values: Mapping[str, str | int]

    def __new__(cls, place: str, key: str, **values: str | int) -> Remark:
        what = SENTENCES[key].format(**values)
        made = super().__new__(cls, f"{place}: {what}" if place else what)
        made.place, made.key, made.values = place, key, values
        return made


def recognised(text: str) -> Remark | None:
    """The remark that a text once was: what is kept in a store, or was raised, is its English. None
    = it is none of them. Part of it may be what a unit's system said, of any length: it is gone
    through once for each sentence."""
    for key, (words, names) in _sentences().items():
        values = _filled_in(text, words, names)
        if values is not None:
            return Remark("", key, **values)
    return None


@cache
def _sentences() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Of each sentence the words around its gaps, one more than there are gaps, and their names."""
    found = {}
    for key, sentence in SENTENCES.items():
        parts = list(Formatter().parse(sentence))
        words = [words for words, *_ in parts]
        names = [name for _, name, *_ in parts if name]
        if len(words) == len(names):  # it ends with a gap
            words.append("")
        found[key] = tuple(words), tuple(names)
    return found


def _filled_in(
    text: str, words: tuple[str, ...], names: tuple[str, ...]
) -> dict[str, str] | None:
    """What stands in the gaps, each as short as can be; None = the text is not this sentence."""
    if not names:
        return {} if text == words[0] else None
    begin, end = len(words[0]), len(text) - len(words[-1])
    if not text.startswith(words[0]) or not text.endswith(words[-1]):
        return None
    values = {}
    for name, behind in zip(names, words[1:-1], strict=False):
        at = text.find(behind, begin + 1, end)
        if at < 0:
            return None
        values[name] = text[begin:at]
        begin = at + len(behind)
    values[names[-1]] = text[begin:end]
    return values if begin < end else None
