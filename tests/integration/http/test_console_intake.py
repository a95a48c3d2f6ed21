"""The desk of intake over HTTP: what is larger than a browser's test cares to send."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.http.test_accounts import CSRF, browse, person
from tests.pictures import jpeg

__all__ = ["browse", "person"]

MIB = 1024 * 1024
FORM = {
    "source": "superior", "detail.ordering_body": "市政府办公室",
    "standard_ref": "GB/T 47678.5-2026", "kind": "component", "code": "01001",
    "class": "供水井盖", "class_name": "供水井盖", "area": "420203", "address": "颐阳路12号门前",
    "text": "井盖缺失",
}


@pytest.mark.usefixtures("node")
def test_a_report_is_registered_with_as_many_large_photos_as_a_verb_takes(
    api: httpx.Client, person: Any
) -> None:
    browser = person("large.photos", "intake_operator")
    browser.get("/console/intake")
    found = CSRF.search(browser.page)
    assert found
    pictures = [
        ("photo.near", (f"{n}.jpg", jpeg(bytes([n]) * (5 * MIB)), "image/jpeg")) for n in range(3)]
    done = browser.http.post("/console/intake", data={"csrf": found[1], **FORM}, files=pictures,
                             headers={"Origin": browser.origin})
    assert done.status_code == 200, done.text
    case = api.get(f"/api/v1/cases/{done.url.params['done']}").json()
    assert [one["role"] for one in case["photos"]] == ["near"] * 3


@pytest.mark.usefixtures("node")
def test_a_report_without_a_class_is_told_which_field_is_empty(person: Any) -> None:
    browser = person("no.class", "intake_operator")
    browser.http.headers["Accept-Language"] = "zh-CN"
    browser.get("/console/intake")
    refused = browser.send("/console/intake", **{**FORM, "class": " "})
    assert refused.status_code == 422
    assert "问题分类：不能为空" in refused.text
