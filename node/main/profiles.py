"""Where the profile of a node comes from."""

from __future__ import annotations

import sys
from pathlib import Path

from node.service.profile import Profile, read_profile
from node.settings import Settings

SHIPPED_PROFILES = Path(__file__).parents[2] / "deploy" / "profiles"
INSTALLED_PROFILES = Path("share", "wanmi", "profiles")
"""Where a wheel puts them, below the environment's prefix."""


def profile_of(settings: Settings) -> Profile:
    """The profile of this node."""
    return profile_named(settings.node.profile, home=settings.home)


def profile_named(name: str, *, home: Path) -> Profile:
    """A profile by its path, seen from the home, or by the name of a shipped one."""
    own = Path(name)
    if own.suffix == ".toml":
        return read_profile(own if own.is_absolute() else home / own)
    for folder in (SHIPPED_PROFILES, Path(sys.prefix) / INSTALLED_PROFILES):
        if (folder / f"{name}.toml").is_file():
            return read_profile(folder / f"{name}.toml")
    raise FileNotFoundError(f"there is no profile {name!r}: name a shipped one or a .toml file")
