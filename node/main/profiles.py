"""Where the profile of a node, and its limits, come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import as_file, files
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from node.core.approvals import Ladders
from node.core.feedback import FeedbackRules
from node.core.limits import LimitSet
from node.core.sources import Sources
from node.service.approvals import read_approvals
from node.service.arrangement import (
    Arrangement,
    deciding,
    read_coordination_file,
    read_rights_file,
    read_stages_file,
)
from node.service.feedback import read_feedback
from node.service.limits import read_limits_file
from node.service.profile import Profile, read_profile
from node.service.sources import NoticeTexts, read_notices, read_sources
from node.settings import Settings

if TYPE_CHECKING:
    from node.core.calls import CallRules
    from node.core.privacy import PrivacyRules
    from node.service.acceptance.criteria import Criteria
    from node.service.patrol_rules import PatrolRules
    from node.service.people.book import Posts
    from node.service.people.rules import AccountRules
    from node.service.sharing.catalogue import Catalogue

SHIPPED = ("node", "profiles")
"""Package and folder of the profiles that come with the program."""
SHIPPED_LIMITS = ("node", "limits")
"""The same for files of limits."""
SHIPPED_RIGHTS = ("node", "rights")
SHIPPED_COORDINATION = ("node", "coordination")
SHIPPED_STAGES = ("node", "stages")
SHIPPED_STANDARDS = ("node", "standards")
"""The same for files of sources and notices."""

SHIPPED_CALLS, SHIPPED_CRITERIA, SHIPPED_SHARING = "calls", "acceptance", "sharing"
"""The files of calls, of criteria and of shared data sets that come with the program."""
SHIPPED_APPROVALS = ("node", "approvals")
SHIPPED_FEEDBACK = ("node", "feedback")
SHIPPED_PATROL = ("node", "patrol")
SHIPPED_PRIVACY = ("node", "privacy")
SHIPPED_ACCOUNTS, SHIPPED_ROLES = ("node", "accounts"), ("node", "roles")
"""And for files of approvals, of feedback, of patrol rules, of accounts and of roles."""
STANDARD = "standard"
NAMED = {
    "rights": SHIPPED_RIGHTS, "roles": SHIPPED_ROLES, "accounts": SHIPPED_ACCOUNTS,
    "limits": SHIPPED_LIMITS, "approvals": SHIPPED_APPROVALS, "coordination": SHIPPED_COORDINATION,
    "stages": SHIPPED_STAGES, "feedback": SHIPPED_FEEDBACK, "patrol": SHIPPED_PATROL,
    "privacy": SHIPPED_PRIVACY, "intake.sources": SHIPPED_STANDARDS,
    "intake.notices": SHIPPED_STANDARDS, "intake.calls": SHIPPED_STANDARDS,
    "acceptance": SHIPPED_STANDARDS, "sharing": SHIPPED_STANDARDS,
}
"""Settings of a profile that name a file, and where those lie that come with the program."""

Read = TypeVar("Read")


def profile_of(settings: Settings) -> Profile:
    """The profile of this node."""
    return profile_named(settings.node.profile, home=settings.home)


def profile_named(name: str, *, home: Path) -> Profile:
    """A profile by its path, seen from the home, or by the name of a shipped one; its files of
    limits, approvals, feedback, sources and notices are there and sound, or it is no profile."""
    profile = _named(name, SHIPPED, read_profile, home=home)
    limits_named(profile.limits, home=home)
    arrangement_of(profile, home=home)
    approvals_named(profile.approvals, home=home)
    feedback_named(profile.feedback, home=home)
    sources_named(profile.intake.sources, home=home)
    notices_named(profile.intake.notices, home=home)
    if profile.patrol != STANDARD:  # the shipped one is sound, and an idle office does not read it
        patrol_named(profile.patrol, home=home)
    if profile.accounts != STANDARD:
        accounts_named(profile.accounts, home=home)
    if profile.roles != STANDARD:
        roles_named(profile.roles, home=home)
    if profile.privacy != STANDARD:
        privacy_named(profile.privacy, home=home)
    if profile.intake.calls != SHIPPED_CALLS:  # the shipped one is sound, and most never use it
        calls_named(profile.intake.calls, home=home)
    if profile.acceptance != SHIPPED_CRITERIA:
        criteria_named(profile.acceptance, home=home)
    if profile.sharing != SHIPPED_SHARING:
        sharing_named(profile.sharing, home=home)
    return profile


def texts_of(name: str, *, home: Path) -> dict[str, str]:
    """What a profile and the files that it names say, each by the setting that names it."""
    profile = _named(name, SHIPPED, read_profile, home=home)
    return {"profile": _named(name, SHIPPED, _text, home=home)} | {
        setting: _named(attrgetter(setting)(profile), shipped, _text, home=home)
        for setting, shipped in NAMED.items()}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def profile_names(*, home: Path) -> list[str]:
    """What the settings may name: shipped profiles, and files of the home that hold one."""
    shipped = [one.name.removesuffix(".toml")
               for one in (files(SHIPPED[0]) / SHIPPED[1]).iterdir() if one.name.endswith(".toml")]
    own = []
    for path in sorted(home.glob("*.toml")):
        try:
            read_profile(path)
        except (OSError, ValueError):  # another kind of file
            continue
        own.append(path.name)
    return [*sorted(shipped), *own]


def arrangement_of(profile: Profile, *, home: Path) -> Arrangement:
    """The files that a profile names besides its limits, each found as a profile is."""
    rights = _named(profile.rights, SHIPPED_RIGHTS, read_rights_file, home=home)
    rules = _named(profile.coordination, SHIPPED_COORDINATION, read_coordination_file, home=home)
    return Arrangement(
        rights=replace(rights, separated=profile.separated),
        coordination=deciding(rules, profile.decides),
        stages=_named(profile.stages, SHIPPED_STAGES, read_stages_file, home=home),
    )


def limits_named(name: str, *, home: Path) -> LimitSet:
    """A file of limits, found as a profile is."""
    return _named(name, SHIPPED_LIMITS, read_limits_file, home=home)


def approvals_named(name: str, *, home: Path) -> Ladders:
    """A file of approvals, found as a profile is."""
    return _named(name, SHIPPED_APPROVALS, read_approvals, home=home)


def feedback_named(name: str, *, home: Path) -> FeedbackRules:
    """A file of what feedbacks must show, found as a profile is."""
    return _named(name, SHIPPED_FEEDBACK, read_feedback, home=home)


def patrol_named(name: str, *, home: Path) -> PatrolRules:
    """A file of patrol rules, found as a profile is."""
    # Loaded here: most offices have no collectors.
    from node.service.patrol_rules import read_patrol

    return _named(name, SHIPPED_PATROL, read_patrol, home=home)


def accounts_named(name: str, *, home: Path) -> AccountRules:
    """A file of account rules, found as a profile is."""
    # Loaded here, as the next one: an office that only programs call has no accounts.
    from node.service.people.rules import read_account_rules

    return _named(name, SHIPPED_ACCOUNTS, read_account_rules, home=home)


def roles_named(name: str, *, home: Path) -> Posts:
    """A file of roles, found as a profile is."""
    from node.service.people.book import read_roles

    return _named(name, SHIPPED_ROLES, read_roles, home=home)


def privacy_named(name: str, *, home: Path) -> PrivacyRules:
    """A file of personal data, found as a profile is."""
    # Loaded here: an office that nobody asks reads it once a day.
    from node.service.privacy_rules import read_privacy

    return _named(name, SHIPPED_PRIVACY, read_privacy, home=home)


def sources_named(name: str, *, home: Path) -> Sources:
    """A file of sources, found as a profile is."""
    return _named(name, SHIPPED_STANDARDS, read_sources, home=home)


def notices_named(name: str, *, home: Path) -> NoticeTexts:
    """A file of notices, found as a profile is."""
    return _named(name, SHIPPED_STANDARDS, read_notices, home=home)


def criteria_named(name: str, *, home: Path) -> Criteria:
    """A file of criteria of an acceptance run, found as a profile is."""
    # Loaded here: an office is accepted once in years.
    from node.service.acceptance.criteria import read_criteria

    return _named(name, SHIPPED_STANDARDS, read_criteria, home=home)


def sharing_named(name: str, *, home: Path) -> Catalogue:
    """A file of shared data sets, found as a profile is."""
    # Loaded here: most offices are asked for nothing.
    from node.service.sharing.catalogue import read_catalogue

    return _named(name, SHIPPED_STANDARDS, read_catalogue, home=home)


def calls_named(name: str, *, home: Path) -> CallRules:
    """A file of calls, found as a profile is."""
    # Loaded here: an office that takes no calls does not carry their rules.
    from node.service.calls.rules import read_calls

    return _named(name, SHIPPED_STANDARDS, read_calls, home=home)


def _named(
    name: str, shipped: tuple[str, str], read: Callable[[Path], Read], *, home: Path
) -> Read:
    own = Path(name)
    if own.suffix == ".toml":
        return read(own if own.is_absolute() else home / own)
    package, folder = shipped
    found = {one.name.removesuffix(".toml"): one for one in (files(package) / folder).iterdir()}
    # Looked up among the names that exist: a name is never part of a path.
    if name not in found:
        raise FileNotFoundError(f"there is no {folder[:-1]} {name!r}: name a shipped one or a "
                                ".toml file")
    with as_file(found[name]) as path:
        return read(path)
