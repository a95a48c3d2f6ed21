"""Who sees which page of those who run a node, asked by address: the console opens nothing that
the API would refuse."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.integration.http.node import DISTRICT, LINK, Node
from tests.integration.http.test_accounts import browse, enrolled, person

__all__ = ["browse", "person"]

SYSTEM = ("/console/links", f"/console/links/{LINK}", "/console/links/invitations",
          "/console/links/keys", "/console/links/doctor", f"/console/links/retire/{DISTRICT}",
          "/console/adapters")
SECURITY = ("/console/people", "/console/people/new", "/console/people/of/the.clerk",
            "/console/people/tokens", "/console/people/roles")
AUDIT = ("/console/audit", "/console/audit/verify")
WRITES = {
    "system": (f"/console/links/{LINK}/pause", f"/console/links/{LINK}/reconcile",
               f"/console/links/{LINK}/parked/replay", f"/console/links/{LINK}/parked/1:1/discard",
               f"/console/links/retire/{DISTRICT}", "/console/links/invitations",
               "/console/links/keys/change", "/console/links/claims/420203001/approve",
               "/console/adapters/none/quarantine/1/settle"),
    "security": ("/console/people/new", "/console/people/of/the.clerk/roles",
                 "/console/people/of/the.clerk/lock", "/console/people/of/the.clerk/reset",
                 "/console/people/of/the.clerk/end", "/console/people/of/the.clerk/sessions/end",
                 "/console/people/tokens", "/console/people/tokens/none/revoke"),
}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """Accounts of this module, made once."""
    return {}


@pytest.fixture
def staff(made: dict[str, Any], person: Any) -> dict[str, Any]:
    """One of each, logged in; administrators by their second factor."""
    if not made:
        for login, role, factor in (
            ("the.clerk", "unit_clerk", False), ("the.system", "administrator", True),
            ("the.security", "security_admin", True), ("the.audit", "auditor", True),
            ("the.hand", "platform_maintainer", False),
        ):
            browser = person(login, role)
            made[login] = {"wanmi_session": (enrolled(browser) if factor else browser).cookie}
    return made


def reach(node: Node, cookies: dict[str, str], path: str, method: str = "GET") -> int:
    with httpx.Client(base_url=node.url, cookies=cookies, trust_env=False,
                      headers={"Origin": node.url, "Accept-Language": "en"}) as http:
        if method == "GET":
            return http.get(path).status_code
        page = http.get("/account/me").text
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
        assert found, page
        return http.post(path, data={"csrf": found[1]}).status_code


def test_each_of_the_three_administrators_reaches_their_own_pages_and_no_others(
    node: Node, staff: dict[str, Any]
) -> None:
    own = {"the.system": SYSTEM, "the.security": SECURITY, "the.audit": AUDIT, "the.clerk": (),
           "the.hand": ("/console/links", f"/console/links/{LINK}",
                        "/console/links/doctor", "/console/adapters")}
    wrong = []
    for login, pages in own.items():
        for path in (*SYSTEM, *SECURITY, *AUDIT):
            status = reach(node, staff[login], path)
            if (status == 200) != (path in pages) or status not in (200, 403):
                wrong.append((login, path, status))
    assert wrong == []


def test_nobody_does_by_address_what_is_not_theirs(node: Node, staff: dict[str, Any]) -> None:
    allowed = {"the.system": "system", "the.security": "security"}
    wrong = []
    for login in ("the.clerk", "the.audit", "the.hand", "the.system", "the.security"):
        for kind, paths in WRITES.items():
            if allowed.get(login) == kind:
                continue
            wrong += [(login, path) for path in paths
                      if reach(node, staff[login], path, "POST") != 403]
    assert wrong == []


def test_a_denied_page_says_which_post_may_and_who_gives_it(
    node: Node, staff: dict[str, Any]
) -> None:
    with httpx.Client(base_url=node.url, cookies=staff["the.system"], trust_env=False,
                      headers={"Accept-Language": "zh"}) as http:
        said = http.get("/console/people").text
    assert "安全管理员" in said
    with httpx.Client(base_url=node.url, cookies=staff["the.clerk"], trust_env=False,
                      headers={"Accept-Language": "zh"}) as http:
        side = http.get("/console/work").text
    assert "/console/people" not in side
    assert "/console/links" not in side


def test_the_tree_is_told_with_links_papers_and_names(api: httpx.Client) -> None:
    told = api.get("/api/v1/federation").json()

    assert [(one["node"], one["depth"], one["place"]) for one in told["nodes"]] == [
        ("420200", 0, "SELF"), (DISTRICT, 1, "CHILD")]
    below = told["nodes"][1]
    assert below["link"]["link"] == LINK
    assert "never been up" in api.get(
        "/api/v1/federation", headers={"Accept-Language": "en"}
    ).json()["nodes"][1]["link"]["sentence"]
    assert below["papers_end"]
    assert told["serial"] > 0
    assert told["proto"] >= told["min_proto"]


def test_a_word_that_is_not_parked_is_unknown(api: httpx.Client) -> None:
    answer = api.get(f"/api/v1/links/{LINK}/parked/1:9")
    assert (answer.status_code, answer.json()["code"]) == (404, "word.unknown")


def test_sessions_of_an_account_are_seen_and_ended(
    node: Node, api: httpx.Client, person: Any
) -> None:
    browser = person("sits.there", "unit_clerk")
    seen = api.get("/api/v1/accounts/sits.there/sessions").json()
    assert [one["address"] for one in seen] == ["127.0.0.1"]
    assert "id_hash" not in seen[0]

    assert api.delete("/api/v1/accounts/sits.there/sessions").json() == {"count": 1}
    assert reach(node, {"wanmi_session": browser.cookie}, "/console/work") == 303
