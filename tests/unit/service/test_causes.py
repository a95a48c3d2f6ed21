"""Why a neighbour is not reached is said in the language of the reader."""

from __future__ import annotations

import pytest

from node.service.phrases import told


@pytest.mark.parametrize(("detail", "chinese"), [
    ("the peer is silent", "对方没有回应"),
    ("dialling 420202: nobody listens", "对方程序没有运行，或端口不通"),
    ("opening a stream: unavailable failed to connect", "网络不通，或对方程序没有运行"),
])
def test_what_the_fabric_says_of_a_cut_is_said_in_chinese(detail: str, chinese: str) -> None:
    said = told("fabric", f"link.unreachable: {detail}")
    assert said.say("zh-CN") == f"对方不可达：{chinese}"
    assert said.say("en") == f"unreachable: {detail}"


def test_what_nobody_foresaw_is_said_as_it_is() -> None:
    assert told("fabric", "link.unreachable: a comet").say("zh-CN") == "对方不可达：a comet"
