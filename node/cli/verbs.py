"""How a verb on a case is posted and answered, for every module of ``wanmi case``."""

from __future__ import annotations

from typing import Any

from node.cli.session import Session


def post(
    session: Session, case: str, verb: str, version: int | None, key: str, **body: object
) -> None:
    """Post it and say how the case stands now."""
    with session.api() as api:
        reply = api.post(f"/cases/{api.case_id(case)}/{verb}",
                         {**body, "expected_version": version}, key=key)
    done(session, reply)


def done(session: Session, reply: dict[str, Any]) -> None:
    """How the case stands after a change."""
    speech = session.speech
    speech.show(reply, lambda: speech.say(speech.t(
        "case.done", case_no=reply["case_no"] or reply["case_id"],
        status=speech.status(reply["status"]), version=reply["version"])))
