"""A real OpenID Connect provider in a process of its own: oidc-provider-mock, which is built on
Authlib, behind a door that insists on PKCE (the provider takes a challenge and does not ask for
it again).

Usage: python -W ignore -m tests.oidc_provider <port>
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

USERS = (
    ("u-1001", {"preferred_username": "wang.li", "name": "王丽",
                "groups": ["staff", "chengguan-dispatch"]}),
    ("u-1002", {"preferred_username": "zhao.lei", "name": "赵磊", "groups": ["staff"]}),
    ("u-1003", {"preferred_username": "boss", "name": "李强", "groups": ["chengguan-dispatch"]}),
)


class Pkce:
    """WSGI middleware: a code is given to whoever has the verifier of its challenge."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._challenges: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == "/oauth2/authorize" and method == "POST":
            asked = parse_qs(environ["QUERY_STRING"])

            def told(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                where = dict(headers).get("Location", "")
                for code in parse_qs(urlsplit(where).query).get("code", ()):
                    assert asked["code_challenge_method"] == ["S256"]
                    self._challenges[code] = asked["code_challenge"][0]
                return start(status, headers, *more)

            return self._app(environ, told)
        if path == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            form = parse_qs(body.decode())
            digest = sha256(form.get("code_verifier", [""])[0].encode()).digest()
            shown = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if shown != self._challenges.pop(form.get("code", [""])[0], None):
                start("400 Bad Request", [("Content-Type", "application/json")])
                return [b'{"error": "invalid_grant"}']
            environ["wsgi.input"] = io.BytesIO(body)
        return self._app(environ, start)


def main(port: int) -> None:
    """Serve until somebody ends it."""
    import oidc_provider_mock
    from werkzeug.serving import make_server

    users = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in USERS]
    app = oidc_provider_mock.app(require_nonce=True, user_claims=users)
    make_server("127.0.0.1", port, Pkce(app), threaded=True).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
