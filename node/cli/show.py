"""``wanmi demo``: a whole small federation on this machine. The demo itself is a package of its
own, so that a slim installation may leave it out."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from node.cli.session import Session, command
from node.cli.speech import Exit

group = typer.Typer()

DEMO = "node.cli.demo"


@command(group, "demo", "在本机演示一个小型联邦 (run a small federation on this machine)")
def demo(
    session: Session,
    exit_: Annotated[bool, typer.Option(
        "--exit", help="演示一天后自行结束 (end by itself)")] = False,
    seed: Annotated[int, typer.Option(help="随机种子 (seed of the day)")] = 1,
    cases: Annotated[int, typer.Option(min=1, help="案卷数 (number of cases)")] = 320,
    folder: Annotated[Path | None, typer.Option(
        help="保留数据的目录 (folder to keep)", file_okay=False)] = None,
    kill: Annotated[list[str] | None, typer.Option(
        help="另外杀掉并重启的进程，如 420200@0.3 (also kill and restart)")] = None,
) -> None:
    try:
        run = import_module(DEMO).run
    except (ModuleNotFoundError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name != DEMO:
            raise
        raise session.speech.trouble(Exit.HOME, "demo.absent") from error
    raise typer.Exit(run(exit_=exit_, seed=seed, cases=cases, folder=folder, kills=kill or ()))
