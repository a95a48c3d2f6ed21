"""What only the owner of a node can answer is handed on to it, and nothing else."""

from __future__ import annotations

import pytest

from node.edge.http.onward import OWNERS


@pytest.mark.parametrize(("path", "owners"), [
    ("/api/v1/links", True), ("/api/v1/links/a-b/pause", True), ("/api/v1/acceptance", True),
    ("/api/v1/shared/read", True), ("/api/v1/cases/7/drill", True), ("/f/x", True),
    ("/api/v1/invitations", True), ("/api/v1/invitations/420203/approve", True),
    ("/api/v1/children/420203/retire", True), ("/api/v1/roster/claims/420203/approve", True),
    ("/api/v1/shared", False), ("/api/v1/shared/log", False), ("/api/v1/cases/7", False),
    ("/api/v1/calls", False), ("/api/v1/linkslike", False),
])
def test_a_call_about_links_and_other_offices_is_the_owners(path: str, owners: bool) -> None:
    assert bool(OWNERS.fullmatch(path)) is owners
