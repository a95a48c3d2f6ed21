"""What every command shares: where the node is, as whom, in which language, and how it ends.

``command`` adds the five common options to a function and runs it inside one place that turns
expected failures into words and exit codes. Everything else is a bug and keeps its traceback.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from hub.errors import FabricError
from node.cli.home import settings_of
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
        @functools.wraps(function)
        def run(**given: Any) -> None:
            speech = Speech(language=language_of(given.pop("lang")), as_json=given.pop("as_json"))
            session = Session(
                speech=speech, home=given.pop("home").expanduser().absolute(),
                url=given.pop("url"), token=given.pop("token"),
            )
            try:
                function(session, **given)
            except Trouble as trouble:
                speech.fail(trouble)
            except (FabricError, Refused) as error:
                speech.fail(Trouble(Exit.REFUSED, f"{error}（{error.code}）"))
            except OSError as error:
                speech.fail(Trouble(Exit.USAGE, speech.t(
                    "file.unusable", file=error.filename or "-", reason=error.strerror or error)))
            except KeyboardInterrupt:
                speech.fail(Trouble(Exit.INTERRUPTED, speech.t("interrupted")))

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
        group.command(name, help=summary)(run)
        return function

    return register
