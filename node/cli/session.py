"""What every command shares: where the node is, as whom, in which language, and how it ends.

``command`` adds the five common options to a function and runs it inside one place that turns
failures into words and exit codes. What nobody expected is a bug: the person reads one sentence,
whoever mends it gets the traceback in a file.
"""

from __future__ import annotations

import errno
import functools
import inspect
import os
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from hub.errors import FabricError, Overloaded, Retry
from node.cli.home import settings_of
from node.cli.refusals import refusal
from node.cli.speech import Exit, Speech, Trouble, language_of
from node.core.errors import Refused

if TYPE_CHECKING:
    from node.cli.client import Api
    from node.settings import Settings

Home = Annotated[Path, typer.Option(
    "--home", envvar="WANMI_HOME", help="节点目录 (the node's home directory)",
)]
Url = Annotated[str, typer.Option(
    "--url", envvar="WANMI_URL", help="REST 地址，默认按节点设置 (base URL; default: settings)",
)]
Token = Annotated[str, typer.Option(
    "--token", envvar="WANMI_TOKEN", show_envvar=True, show_default=False,
    help="访问令牌，默认用 keys/cli.token (API token)",
)]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出 (print JSON)")]
Lang = Annotated[str, typer.Option(
    "--lang", envvar=["WANMI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"],
    help="zh 或 en，默认按 LANG (language)", show_default=False,
)]


def _shared(
    *, home: Home = Path(), url: Url = "", token: Token = "", as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Only its signature is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run of a command."""

    speech: Speech
    home: Path
    url: str
    token: str

    def settings(self) -> Settings:
        """The settings of the home directory. Raises ``Trouble``."""
        return settings_of(self.home, self.speech)

    def online(self) -> bool:
        """Whether to go through REST: an address was given, or the node of this home answers."""
        from node.cli.client import answers

        return bool(self.url) or answers(self.settings())

    def api(self) -> Api:
        """The running node's REST API, to be used in a ``with``. Raises ``Trouble``."""
        from node.cli.client import Api

        return Api.of(self.home, self.url, self.token, self.speech)


def command(
    group: typer.Typer, name: str, summary: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register ``function(session, …)`` as a command with the common options."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        group.command(name, help=summary)(_with_common_options(function))
        return function

    return register


def alone(group: typer.Typer) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """What a group does when no subcommand is named. Common options before a subcommand hold
    for it as well, so that ``wanmi link --home H why L`` does what it says."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        run = _with_common_options(function)

        @functools.wraps(run)
        def called(**given: Any) -> None:
            context: typer.Context = given.pop("context")
            if context.invoked_subcommand is None:
                run(**given)
                return
            said = {name: value for name, value in given.items()
                    if str(context.get_parameter_source(name)).endswith("COMMANDLINE")}
            context.default_map = {context.invoked_subcommand: said}

        own = inspect.Parameter(
            "context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        called.__annotations__ = {"context": typer.Context, **run.__annotations__}
        called.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [own, *inspect.signature(run).parameters.values()])
        group.callback(invoke_without_command=True)(called)
        return function

    return register


def _with_common_options(function: Callable[..., None]) -> Callable[..., None]:
    """``function(session, …)`` as typer calls it: the common options beside its own."""

    @functools.wraps(function)
    def run(**given: Any) -> None:
        speech = Speech(language=language_of(given.pop("lang")), as_json=given.pop("as_json"))
        session = Session(
            speech=speech, home=given.pop("home").expanduser().absolute(),
            url=given.pop("url"), token=given.pop("token"),
        )
        try:
            function(session, **given)
        except typer.Exit:
            raise
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - nobody reads tracebacks
            speech.fail(_trouble(error, speech))

    own = list(inspect.signature(function).parameters.values())[1:]
    shared = list(inspect.signature(_shared).parameters.values())
    hints = {**get_type_hints(function, include_extras=True),
             **get_type_hints(_shared, include_extras=True)}
    run.__annotations__ = {parameter.name: hints[parameter.name] for parameter in own + shared}
    run.__signature__ = inspect.Signature([  # type: ignore[attr-defined]
        parameter.replace(
            kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[parameter.name])
        for parameter in own + shared
    ])
    return run


def told(error: BaseException, language: str) -> int:
    """Say why a process ends, to whoever started it; returns its exit status."""
    speech = Speech(language=language_of(language))
    try:
        speech.fail(_trouble(error, speech))
    except typer.Exit as ended:
        return ended.exit_code


def _trouble(error: BaseException, speech: Speech) -> Trouble:
    """Any failure in words. What nobody expected is a bug: its traceback goes to a file."""
    match error:
        case Trouble():
            return error
        case KeyboardInterrupt():
            return speech.trouble(Exit.INTERRUPTED, "interrupted")
        case FabricError() | Refused():
            return _refused(error, speech)
        case OSError(errno=errno.EADDRINUSE):
            return speech.trouble(Exit.HOME, "port.taken", reason=error.strerror or error)
        case OSError(errno=errno.ENOSPC):
            return _refused(Overloaded(str(error), code="store.disk_full"), speech)
        case OSError() if error.filename or error.strerror:
            return speech.trouble(Exit.USAGE, "file.unusable", file=error.filename or "-",
                                  reason=error.strerror or error)
    return speech.trouble(Exit.FOUND, "bug", kind=type(error).__name__, file=_keep(error))


def _refused(error: FabricError | Refused, speech: Speech) -> Trouble:
    """In words. What may pass by itself (a database that is away, a full disk) has an exit code of
    its own: a service manager tries that again, and only that."""
    later = isinstance(error, FabricError) and error.retry is Retry.LATER
    code = Exit.SILENT if later else Exit.REFUSED
    row = refusal(error.code)
    if speech.language == "en":
        return Trouble(code, error.code, str(error), remedy=row.remedy_en)
    said = speech.t("detailed", title=row.chinese, detail=error)
    return Trouble(code, error.code, said, remedy=row.remedy_zh)


def _keep(error: BaseException) -> str:
    """The traceback in a file of its own, without local variables: those may hold secrets."""
    handle, name = tempfile.mkstemp(prefix="wanmi-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(traceback.format_exception(error))
    return name
