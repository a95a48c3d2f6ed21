"""Mistakes in the command line itself, in the language of the person who made them.

The parser finds them before any option is known, so the language is looked for where ``--lang``
and its environment variables would have been read.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer

from node.cli.speech import Exit, Speech, Trouble, language_of

USAGE_ERROR: Final[Any] = typer.BadParameter.__base__
"""Base of all mistakes that the parser reports; typer publishes only this leaf of it."""
LANGUAGE_VARIABLES: Final = ("WANMI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


class CommandLine(typer.Typer):
    """A typer application whose parser speaks like the rest of ``wanmi``."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            status = super().__call__(*args, **kwargs, standalone_mode=False)
        except USAGE_ERROR as error:
            if type(error).__name__ == "NoArgsIsHelpError":
                error.show()
                sys.exit(int(Exit.USAGE))
            status = _say(error)
        except (typer.Abort, KeyboardInterrupt):
            status = Exit.INTERRUPTED
        sys.exit(int(status or 0))


def _say(error: Any) -> int:
    speech = Speech(
        language=spoken(sys.argv[1:], os.environ),  # noqa: TID251 - no settings are read yet
        as_json="--json" in sys.argv,
    )
    try:
        speech.fail(mistake(error, speech))
    except typer.Exit as ended:
        return ended.exit_code


def spoken(args: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language of ``--lang``, else of the first variable that is set."""
    for at, word in enumerate(args):
        if word == "--lang":
            return language_of(args[at + 1] if at + 1 < len(args) else "")
        if word.startswith("--lang="):
            return language_of(word.removeprefix("--lang="))
    return language_of(next(filter(None, map(environment.get, LANGUAGE_VARIABLES)), ""))


def mistake(error: Any, speech: Speech) -> Trouble:
    """The parser's complaint as one of ours."""
    path = error.ctx.command_path if error.ctx is not None else "wanmi"
    kind, said = type(error).__name__, error.format_message()
    what = _named(error)
    if kind == "MissingParameter":
        english = speech.language == "en"
        wanted = (", " if english else "、").join(_missing(error, english=english)) or what
        name, message = "usage.missing", speech.t("usage.missing", what=wanted)
    elif kind == "NoSuchOption":
        name, message = "usage.option", speech.t("usage.option", what=error.option_name)
        if error.possibilities:
            message += speech.t("usage.near", near=" / ".join(sorted(error.possibilities)))
    elif said.startswith("No such command"):
        name, message = "usage.command", speech.t("usage.command", what=said.split("'")[1])
    elif kind == "BadParameter" and what:
        reason = _reason(error.message, speech)
        name, message = "usage.value", speech.t("usage.value", what=what, reason=reason)
    else:
        name, message = "usage.wrong", speech.t("usage.wrong", reason=said)
    return Trouble(Exit.USAGE, name, message, remedy=speech.t("usage.remedy", path=path))


def _missing(error: Any, *, english: bool) -> list[str]:
    """Every option and argument that has to be given and was not, not only the first of them."""
    words = [word.partition("=")[0] for word in sys.argv[1:]]
    command = getattr(error.ctx, "command", None)
    found = []
    for one in getattr(command, "params", ()):
        given = one is not error.param and (
            one.param_type_name == "argument" or any(opt in words for opt in one.opts)
        )
        if one.required and not given:
            option = f"<{one.name}>" if one.param_type_name == "argument" else "/".join(one.opts)
            chinese, _, rest = (getattr(one, "help", None) or "").partition(" (")
            if english:
                found.append(f"{option} ({rest}" if rest.endswith(")") else option)
            else:
                found.append(f"{option}（{chinese}）" if chinese else option)
    return found


def _reason(said: str, speech: Speech) -> str:
    """Why a value cannot be used; the parser says it in English, with the words of its type."""
    choice = re.search(r"'(.*)' is not one of (.*?)\.?$", said)
    if choice:
        return speech.t("usage.choice", given=choice[1], known=choice[2].replace("'", ""))
    absent = re.search(r"'(.*)' does not exist\.?$", said)
    if absent:
        return speech.t("usage.absent", given=absent[1])
    return said


def _named(error: Any) -> str:
    """The option or argument that the complaint is about."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return str(getattr(error, "param_hint", None) or "")
    if parameter.param_type_name == "argument":
        return f"<{parameter.name}>"
    return "/".join(parameter.opts)
