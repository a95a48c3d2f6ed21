"""Draw who may do what under each shipped profile, for ``docs/flow.md``.

``python -m node.main.flow_page`` prints the section; with ``--write docs/flow.md`` it renews the
section between its markers. A tool for the docs: nothing imports it at run time.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from typing import Final

from node.core.capability import Capability
from node.core.rights import DUTY_STATUSES, Rights
from node.core.transitions import COMMANDS
from node.main.profiles import SHIPPED, arrangement_of, profile_named
from node.service.profile import Profile

BEGIN: Final = "<!-- profiles: begin (python -m node.main.flow_page) -->"
END: Final = "<!-- profiles: end -->"


def shipped() -> tuple[str, ...]:
    """Names of the profiles that come with the program."""
    package, folder = SHIPPED
    return tuple(sorted(
        one.name.removesuffix(".toml")
        for one in (files(package) / folder).iterdir()
        if one.name.endswith(".toml")
    ))


def section() -> str:
    """The generated part of the page, markers included."""
    nowhere = Path()
    profiles = {name: profile_named(name, home=nowhere) for name in shipped()}
    parts = [BEGIN, "", "### The shipped profiles", "", _overview(profiles), ""]
    matrices: dict[str, list[str]] = {}
    for name, profile in profiles.items():
        matrices.setdefault(profile.rights, []).append(name)
    for matrix, names in matrices.items():
        rights = arrangement_of(profiles[names[0]], home=nowhere).rights
        chosen = {name: profiles[name] for name in names}
        parts += [
            f"### Every verb under each profile (matrix `{matrix}`)", "",
            _table(rights, chosen), "",
        ]
    parts.append(END)
    return "\n".join(parts)


def _overview(profiles: dict[str, Profile]) -> str:
    lines = [
        "| Profile | 名称 | Arrangement | Source | Decides | Goes first | Stages |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in profiles.items():
        cells = (
            f"`{name}`", one.title, one.arrangement or "—", one.source or "—",
            ", ".join(sorted(one.decides)) or "—", one.prefer or "—", one.stages,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _table(rights: Rights, profiles: dict[str, Profile]) -> str:
    """One line per verb and side: from which statuses, what it needs, and who may."""
    lines = [
        "| Of | Verb | From | Needs | " + " | ".join(f"`{name}`" for name in profiles) + " |",
        "|---" * (4 + len(profiles)) + "|",
    ]
    rows: dict[tuple[str, str], list[str]] = {}
    needs: dict[tuple[str, str], Capability | None] = {}
    for row in COMMANDS.values():
        key = ("duty" if row.status in DUTY_STATUSES else "own case", row.verb)
        rows.setdefault(key, []).append(row.status or "(nothing)")
        needs[key] = rights.needed(row)
    for (side, verb), statuses in sorted(rows.items(), key=lambda item: item[0][0] == "duty"):
        needed = needs[side, verb]
        may = ["yes" if needed is None or needed in one.capabilities else "—"
               for one in profiles.values()]
        cells = (side, verb, ", ".join(statuses), needed or "holding it", *may)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def refresh(page: str) -> str:
    """The page with its generated part renewed; ``ValueError`` if it has no markers."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for the profiles: both markers are needed")
    return before + section() + after


def main(arguments: list[str]) -> None:
    """Print the section, or renew a page in place."""
    if arguments[:1] == ["--write"]:
        page = Path(arguments[1])
        page.write_text(refresh(page.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write(section() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
