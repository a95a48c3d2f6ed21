"""How full a disk is, also where it does not say."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from node.service.disk import used_share

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("usage", "share"), [
    (Usage(100, 30, 70), 0.3), (Usage(100, 90, 5), 90 / 95), (Usage(0, 0, 0), 0.0),
])
def test_the_share_is_of_what_may_be_used_and_of_nothing_where_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, usage: Usage, share: float
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert share == used_share(tmp_path)
