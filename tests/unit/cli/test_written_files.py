"""What a command writes for somebody lands whole, or it says why not and what that ends with."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.cli.speech import Exit, Speech, Trouble

SPEECH = Speech(language="zh")


def test_a_file_holds_the_bytes_that_were_given(tmp_path: Path) -> None:
    SPEECH.write(tmp_path / "来电.csv", "一\r\n".encode("utf-8-sig"))
    assert (tmp_path / "来电.csv").read_bytes() == b"\xef\xbb\xbf\xe4\xb8\x80\r\n"


def test_a_place_that_cannot_be_written_is_no_bug(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "absent" / "track.json"):
        with pytest.raises(Trouble) as trouble:
            SPEECH.write(place, b"")
        assert (Exit.USAGE, "file.unwritable") == (trouble.value.code, trouble.value.name)
        assert str(place) in str(trouble.value)
