"""Logging in by an OpenID Connect provider that runs as a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from hub.ports import free_port
from tests.integration.http.node import Node, launch, wanmi

SETTINGS = """
[oidc]
issuer = "{issuer}"
client_id = "wanmi"
client_secret = "secret-of-wanmi"
[[oidc.grants]]
claim = "groups"
value = "chengguan-dispatch"
roles = ["dispatcher"]
areas = ["420203"]
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        (sys.executable, "-W", "ignore", "-m", "tests.oidc_provider", str(port)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                said = httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False)
                break
            except httpx.HTTPError:
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.2)
        yield str(said.json()["issuer"])
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def office(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    home, port = tmp_path_factory.mktemp("oidc") / "420200", free_port()
    made = json.loads(wanmi(
        "init", "--home", str(home), "--id", "420200", "--profile", "city", "--http-port",
        str(port), "--grpc-port", "0", "--nats-port", "0", "--json"))
    settings = home / "wanmi.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8") + SETTINGS.format(issuer=issuer), encoding="utf-8")
    settings.chmod(0o600)
    node = launch(home, port, made["token"])
    node.wait_ready()
    try:
        yield node
    finally:
        assert node.stop() == 0


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30.0, trust_env=False,
                      headers={"Accept-Language": "en"}) as client:
        yield client


def there(browser: httpx.Client, office: Node, subject: str) -> str:
    """Log in at the provider; where it sends the browser back to."""
    left = browser.get(f"{office.url}/account/oidc")
    assert left.status_code == 303, left.text
    asked = parse_qs(urlsplit(left.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["nonce"][0] != asked["state"][0]
    form = browser.get(left.headers["location"])
    assert form.status_code == 200
    came = browser.post(left.headers["location"], data={"sub": subject})
    assert came.status_code == 302, came.text
    return str(came.headers["location"])


def log_in(browser: httpx.Client, office: Node, subject: str) -> httpx.Response:
    return browser.get(there(browser, office, subject))


def test_whoever_the_mapping_fits_comes_in_with_its_roles_and_scope(
    browser: httpx.Client, office: Node
) -> None:
    assert "/account/oidc" in browser.get(f"{office.url}/account/login").text

    came = log_in(browser, office, "u-1001")

    assert came.status_code == 200, came.text
    onward = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', came.text)
    assert onward
    assert onward[1] == "/account/me"
    me: dict[str, Any] = browser.get(f"{office.url}/api/v1/me").json()
    assert (me["name"], me["roles"], me["areas"]) == ("wang.li", ["dispatcher"], ["420203"])
    again = log_in(browser, office, "u-1001")
    assert again.status_code == 200
    with office.client() as api:
        assert [one["login"] for one in api.get("/api/v1/accounts").json()].count("wang.li") == 1


def test_whom_no_row_fits_has_no_account(browser: httpx.Client, office: Node) -> None:
    refused = log_in(browser, office, "u-1002")

    assert refused.status_code == 403
    assert "no role here" in refused.text
    assert browser.get(f"{office.url}/api/v1/me").status_code == 401
    with office.client() as api:
        assert "zhao.lei" not in api.get("/api/v1/accounts").text


def test_a_name_chosen_there_takes_over_no_account_of_ours(
    browser: httpx.Client, office: Node
) -> None:
    with office.client() as api:
        made = api.post("/api/v1/accounts", json={
            "login": "boss", "name": "李强", "roles": ["security_admin"]})
        assert made.status_code == 201

        refused = log_in(browser, office, "u-1003")

        assert refused.status_code == 409
        assert browser.get(f"{office.url}/api/v1/me").status_code == 401


def test_a_login_begun_in_another_browser_lets_nobody_in(
    browser: httpx.Client, office: Node
) -> None:
    back = there(browser, office, "u-1001")

    with httpx.Client(timeout=30.0, trust_env=False) as victim:
        assert victim.get(back).status_code == 400
        victim.get(f"{office.url}/account/oidc")
        assert victim.get(back).status_code == 400
    changed = back.replace("state=", "state=x")
    assert browser.get(changed).status_code == 400
    assert browser.get(f"{office.url}/api/v1/me").status_code == 401


def test_a_code_counts_once(browser: httpx.Client, office: Node) -> None:
    back = there(browser, office, "u-1001")
    away = browser.cookies.get("wanmi_away")
    assert away
    assert browser.get(back).status_code == 200

    with httpx.Client(timeout=30.0, trust_env=False) as thief:
        thief.cookies.set("wanmi_away", away)
        assert thief.get(back).status_code == 502


def test_a_locked_account_does_not_come_in_by_the_provider_either(
    browser: httpx.Client, office: Node
) -> None:
    log_in(browser, office, "u-1001")
    with office.client() as api:
        assert api.post("/api/v1/accounts/wang.li/lock", json={"reason": "x"}).status_code == 200
        assert log_in(browser, office, "u-1001").status_code == 403
        assert api.post("/api/v1/accounts/wang.li/unlock").status_code == 200


def test_logging_out_offers_to_log_out_there_too(browser: httpx.Client, office: Node) -> None:
    log_in(browser, office, "u-1001")
    csrf = browser.get(f"{office.url}/api/v1/me").json()["csrf"]

    left = browser.post(f"{office.url}/account/leave", data={"csrf": csrf},
                        headers={"Origin": office.url}, follow_redirects=True)

    assert "end_session" in left.text
    assert browser.get(f"{office.url}/api/v1/me").status_code == 401


def test_settings_of_a_provider_without_tls_are_refused(tmp_path: Path) -> None:
    from pydantic import ValidationError

    from node.settings import Oidc

    with pytest.raises(ValidationError):
        Oidc(issuer="http://sso.example", client_id="x")
    assert Oidc(issuer="https://sso.example/realm", client_id="x").grants == ()
