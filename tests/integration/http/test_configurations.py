"""A file of the profile is changed and the node started again: what changed can be read, and laid
back."""

from __future__ import annotations

from pathlib import Path

from node.main.profiles import texts_of
from tests.integration.http.node import Node, launch, served
from tests.integration.http.test_accounts import Browser, enrolled, invited

PAGE = "/console/upkeep/rules/versions"


def own_files(home: Path) -> None:
    texts = texts_of("city", home=home)
    (home / "roles-here.toml").write_text(texts["roles"], encoding="utf-8")
    (home / "city-here.toml").write_text(
        'roles = "roles-here.toml"\n' + texts["profile"], encoding="utf-8")
    settings = home / "wanmi.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(
        'profile = "city"', 'profile = "city-here.toml"'), encoding="utf-8")


def test_what_changed_at_a_start_is_a_version_that_can_be_laid_back(tmp_path: Path) -> None:
    with served(tmp_path, own_files) as node:
        port = int(node.url.rpartition(":")[2])
        home, token = node.home, node.token
    roles = home / "roles-here.toml"
    before = roles.read_text(encoding="utf-8")
    roles.write_text(before + "\n# 一行说明\n", encoding="utf-8")
    again: Node = launch(home, port, token)
    try:
        again.wait_ready()
        admin = Browser(again)
        with again.client() as api:
            enrolled(invited(admin, api, "chen.jie", "administrator"))
        assert admin.get(PAGE).status_code == 200
        assert admin.page.index("versions/2") < admin.page.index("versions/1")
        admin.get(f"{PAGE}/2")
        assert "一行说明" in admin.page
        assert admin.get(f"{PAGE}/2/before/roles.toml").text == before
        assert admin.get(f"{PAGE}/2/after/roles.toml").text == roles.read_text(encoding="utf-8")
        assert admin.get(f"{PAGE}/2/before/profile.toml").status_code == 404
        assert admin.get(f"{PAGE}/3").status_code == 404
        admin.http.close()
    finally:
        status = again.stop()
    assert status == 0, again.log.read_text(errors="replace")
