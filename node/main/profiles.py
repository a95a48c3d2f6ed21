"""Where the profile of a node comes from."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from node.service.profile import Profile, read_profile
from node.settings import Settings

SHIPPED = ("node", "profiles")
"""Package and folder of the profiles that come with the program."""


def profile_of(settings: Settings) -> Profile:
    """The profile of this node."""
    return profile_named(settings.node.profile, home=settings.home)


def profile_named(name: str, *, home: Path) -> Profile:
    """A profile by its path, seen from the home, or by the name of a shipped one."""
    own = Path(name)
    if own.suffix == ".toml":
        return read_profile(own if own.is_absolute() else home / own)
    package, folder = SHIPPED
    shipped = {one.name.removesuffix(".toml"): one for one in (files(package) / folder).iterdir()}
    # Looked up among the names that exist: a name is never part of a path.
    if name not in shipped:
        raise FileNotFoundError(f"there is no profile {name!r}: name a shipped one or a .toml file")
    with as_file(shipped[name]) as path:
        return read_profile(path)
