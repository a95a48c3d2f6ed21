"""What a profile may name among the files of the program is called by a word on its page."""

from __future__ import annotations

from importlib.resources import files

import pytest

from node.edge.console.upkeep.rules import SETTINGS, STANDARD, VALUES


@pytest.mark.parametrize("setting", [
    "feedback", "stages", "accounts", "limits", "coordination", "patrol", "privacy", "rights",
    "approvals",
])
def test_a_shipped_file_is_shown_by_a_word(setting: str) -> None:
    shipped = {one.name.removesuffix(".toml") for one in files("node").joinpath(setting).iterdir()
               if one.name.endswith(".toml")}
    assert shipped
    assert setting in SETTINGS
    assert shipped - {STANDARD} - set(VALUES.get(setting, {})) == set()
