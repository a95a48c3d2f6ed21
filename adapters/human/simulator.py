"""A clerk of a unit with a browser: opens a form link, reads the page, answers.

    python -m adapters.human.simulator --link https://…/f/<adapter>/<token> --act signed
    python -m adapters.human.simulator --link … --act done --text 已修复 --photos 2

It prints what the page says afterwards. Doing everything a browser does with the form (and nothing
more), it also serves the conformance suite as the unit.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from html import unescape

import httpx

from adapters.simulation import picture

TIMEOUT_S = 15.0
"""A page that takes longer is broken for a person too."""
_TICKET = re.compile(r'name="ticket" value="([^"]+)"')
_ACT = re.compile(r'name="act" value="([^"]+)"')
_NOTICE = re.compile(r'role="status"><strong>([^<]+)<')
_ERROR = re.compile(r'role="alert">([^<]+)<')


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A page as a person takes it in: what it says, and which buttons it has."""

    status: int
    notice: str
    error: str
    acts: tuple[str, ...]
    ticket: str
    text: str


class Clerk:
    """One person at one link."""

    def __init__(self, link: str) -> None:
        self._link = link
        self._http = httpx.Client(timeout=TIMEOUT_S, follow_redirects=True, trust_env=False)

    def close(self) -> None:
        """Close the browser."""
        self._http.close()

    def open(self) -> Seen:
        """Look at the page."""
        return _seen(self._http.get(self._link))

    def answer(
        self, act: str, *, text: str = "", reason: str = "", photos: int = 0, ticket: str = ""
    ) -> Seen:
        """Fill the form in and send it; returns the page that follows. A given ``ticket`` sends a
        page again that was opened earlier (the back button)."""
        fields = {
            "act": act,
            "text": text,
            "reason_code": reason,
            "ticket": ticket or self.open().ticket,
        }
        files = [
            ("photos", (f"photo-{n}.png", picture(f"{text}/{n}"), "image/png"))
            for n in range(photos)
        ]
        # A browser sends this form as multipart even without a file.
        blank = [("photos", ("", b"", "application/octet-stream"))]
        return _seen(self._http.post(self._link, data=fields, files=files or blank))


def _seen(answer: httpx.Response) -> Seen:
    page = answer.text
    return Seen(
        status=answer.status_code,
        notice=_first(_NOTICE, page),
        error=_first(_ERROR, page),
        acts=tuple(_ACT.findall(page)),
        ticket=_first(_TICKET, page),
        text=page,
    )


def _first(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    return unescape(found[1]) if found else ""


def main(argv: list[str] | None = None) -> int:
    """Answer once and print the page's sentence."""
    parser = argparse.ArgumentParser(prog="python -m adapters.human.simulator")
    parser.add_argument("--link", required=True)
    parser.add_argument("--act", required=True, choices=["signed", "progress", "done", "return"])
    parser.add_argument("--text", default="")
    parser.add_argument("--reason", default="", help="reason code of a return")
    parser.add_argument("--photos", type=int, default=0)
    args = parser.parse_args(argv)
    clerk = Clerk(args.link)
    try:
        seen = clerk.answer(args.act, text=args.text, reason=args.reason, photos=args.photos)
    finally:
        clerk.close()
    sys.stdout.write((seen.error or seen.notice or "已提交") + "\n")
    return 0 if seen.status < 400 else 1


if __name__ == "__main__":
    raise SystemExit(main())
