#!/usr/bin/env python3
"""核验证据包：不需要 wanmi，不需要网络，只需要 Python 3.9 以上。
Checks an evidence bundle without the node, without wanmi, without a network: Python 3.9 alone.

    python3 verify.py BUNDLE.zip --root-key FINGERPRINT

For every entry it says who sealed it, when, with which key and in which roster that key is listed;
and what does not hold. Exit code 0: everything holds; 1: something does not; 2: no bundle.

The root key is inside the bundle, so a bundle that is a forgery from beginning to end holds
together as well. Get the fingerprint of the root key from somewhere else (the root's own office,
an earlier bundle) and give it with --root-key. For the same reason take this program from the
project, not from the bundle, where much depends on it: both are the same file.

Signatures (Ed25519, RFC 8032; SM2 with SM3, GB/T 32918 and GB/T 32905) and the wire format of
Protocol Buffers are worked out here, so that whoever reads this file has read everything that
decides.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

FORMAT = 1
SEAL_TAG = b"wanmi/seal/1\0"
CHAIN_TAG = b"wanmi/chain/1\0"
COUNTERSIGN_TAG = b"wanmi/countersign/1\0"
ROSTER_TAG = b"wanmi/roster/1\0"
MANIFEST_TAG = b"wanmi/evidence/1\0"
AUDIT_TAG = b"wanmi/audit/1\0"
REPORT = "node.v1.Report"
DEFLATED, RELAYED = 1, 4
INFLATED_BYTES_MAX = 1 << 20
FILE_BYTES_MAX = 128 << 20
GRACE_US, EARLY_US = 30 * 86_400_000_000, 86_400_000_000
"""How long a key counts after its end and before its beginning, as at every node."""
BEIJING = timezone(timedelta(hours=8))


class Broken(Exception):
    """Something does not hold; the text says what, Chinese first."""


# --- Ed25519 (RFC 8032, section 5.1) --------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _recover_x(y: int, sign: int) -> int | None:
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


def _point(data: bytes) -> tuple[int, int, int, int] | None:
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _add(one: Any, two: Any) -> Any:
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number: int, point: Any) -> Any:
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _add(result, point)
        point = _add(point, point)
        number >>= 1
    return result


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _recover_x(_BASE_Y, 0) or 0
BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def ed25519_holds(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the signature over ``data`` was made with the key of these 32 bytes."""
    if len(public) != 32 or len(signature) != 64:
        return False
    point, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if point is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + data).digest(), "little") % L
    left, right = _times(s, BASE), _add(r, _times(h, point))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and bool((left[1] * right[2] - right[1] * left[2]) % P == 0)


# --- SM3 (GB/T 32905) and SM2 (GB/T 32918) --------------------------------------------------------


def _turn(word: int, by: int) -> int:
    by %= 32
    return (word << by | word >> (32 - by)) & 0xFFFFFFFF


def sm3(data: bytes) -> bytes:
    """The digest of SM3, which not every Python's OpenSSL has."""
    length = len(data) * 8
    data += b"\x80" + b"\0" * ((55 - len(data)) % 64) + length.to_bytes(8, "big")
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
             0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    for at in range(0, len(data), 64):
        w = [int.from_bytes(data[at + n:at + n + 4], "big") for n in range(0, 64, 4)]
        for n in range(16, 68):
            x = w[n - 16] ^ w[n - 9] ^ _turn(w[n - 3], 15)
            w.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(w[n - 13], 7) ^ w[n - 6])
        a, b, c, d, e, f, g, h = state
        for n in range(64):
            early = n < 16
            one = _turn(_turn(a, 12) + e + _turn(0x79CC4519 if early else 0x7A879D8A, n)
                        & 0xFFFFFFFF, 7)
            ff = a ^ b ^ c if early else a & b | a & c | b & c
            gg = e ^ f ^ g if early else e & f | ~e & g
            tt1 = ff + d + (one ^ _turn(a, 12)) + (w[n] ^ w[n + 4]) & 0xFFFFFFFF
            tt2 = gg + h + one + w[n] & 0xFFFFFFFF
            a, b, c, d = tt1, a, _turn(b, 9), c
            e, f, g, h = tt2 ^ _turn(tt2, 9) ^ _turn(tt2, 17), e, _turn(f, 19), g
        state = [x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h))]  # noqa: B905 - Python 3.9
    return b"".join(word.to_bytes(4, "big") for word in state)


SM2_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM2_A = SM2_P - 3
SM2_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM2_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SM2_G = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
         0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)
SM2_USER = b"1234567812345678"


def _plus(one: Any, two: Any) -> Any:
    if one is None or two is None:
        return two if one is None else one
    (x1, y1), (x2, y2) = one, two
    if x1 == x2:
        if (y1 + y2) % SM2_P == 0:
            return None
        slope = (3 * x1 * x1 + SM2_A) * pow(2 * y1, SM2_P - 2, SM2_P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, SM2_P - 2, SM2_P)
    x = (slope * slope - x1 - x2) % SM2_P
    return x, (slope * (x1 - x) - y1) % SM2_P


def _often(number: int, spot: Any) -> Any:
    result = None
    while number:
        if number & 1:
            result = _plus(result, spot)
        spot = _plus(spot, spot)
        number >>= 1
    return result


def _der_pair(data: bytes) -> tuple[int, int] | None:
    """r and s of a DER SEQUENCE of two INTEGERs in its one shortest form."""

    def part(at: int) -> tuple[int, int] | None:
        if at + 2 > len(data) or data[at] != 2 or data[at + 1] > 33:
            return None
        end = at + 2 + data[at + 1]
        raw = data[at + 2:end]
        if not raw or len(raw) != data[at + 1] or raw[0] & 128:
            return None
        if len(raw) > 1 and raw[0] == 0 and not raw[1] & 128:
            return None
        return int.from_bytes(raw, "big"), end

    if len(data) < 2 or data[0] != 48 or data[1] != len(data) - 2 or data[1] > 127:
        return None
    first = part(2)
    second = part(first[1]) if first else None
    if first is None or second is None or second[1] != len(data):
        return None
    return first[0], second[0]


def sm2_holds(public: bytes, data: bytes, signature: bytes) -> bool:
    """The same for SM2: 65 bytes of the uncompressed point, a signature in DER."""
    pair = _der_pair(signature)
    if len(public) != 65 or public[0] != 4 or pair is None:
        return False
    x, y = int.from_bytes(public[1:33], "big"), int.from_bytes(public[33:], "big")
    if x >= SM2_P or y >= SM2_P or (y * y - x * x * x - SM2_A * x - SM2_B) % SM2_P:
        return False
    r, s = pair
    t = (r + s) % SM2_N
    if not 0 < r < SM2_N or not 0 < s < SM2_N or t == 0:
        return False
    who = sm3((len(SM2_USER) * 8).to_bytes(2, "big") + SM2_USER + b"".join(
        number.to_bytes(32, "big") for number in (SM2_A, SM2_B, *SM2_G)) + public[1:])
    spot = _plus(_often(s, SM2_G), _often(t, (x, y)))
    return spot is not None and (int.from_bytes(sm3(who + data), "big") + spot[0] - r) % SM2_N == 0


ALGORITHMS = {"ed25519": ed25519_holds, "sm2": sm2_holds}


def holds(alg: str, public: bytes, data: bytes, signature: bytes) -> bool:
    """The same for a named algorithm; one that is not known here holds nothing."""
    return alg in ALGORITHMS and ALGORITHMS[alg](public, data, signature)


# --- Protocol Buffers, as far as they are needed --------------------------------------------------


def fields(data: bytes) -> dict[int, list[Any]]:
    """{number: [values]} of one message: integers, or bytes; ``Broken`` if it is none."""
    found: dict[int, list[Any]] = {}
    at = 0

    def varint(at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            if at >= len(data) or shift > 63:
                raise Broken("数据被截断 cut short")
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if not byte & 128:
                return value & (2**64 - 1), at

    value: Any
    while at < len(data):
        key, at = varint(at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, at = int.from_bytes(data[at:at + size], "little"), at + size
        elif kind == 2:
            size, at = varint(at)
            value, at = data[at:at + size], at + size
        else:
            raise Broken("数据无法识别 no message")
        if at > len(data):
            raise Broken("数据被截断 cut short")
        found.setdefault(number, []).append(value)
    return found


def _one(found: dict[int, list[Any]], number: int, default: Any) -> Any:
    return found[number][-1] if number in found else default


def _text(found: dict[int, list[Any]], number: int) -> str:
    try:
        return str(_one(found, number, b""), "utf-8")
    except UnicodeDecodeError as error:
        raise Broken("文字无法识别 no text") from error


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _signature(data: bytes) -> tuple[str, str, bytes]:
    found = fields(data)
    return _text(found, 1), _text(found, 2), _one(found, 3, b"")


DIGESTS = {1: "sha256", 2: "sm3"}


def _digest(alg: str, data: bytes) -> bytes:
    if alg == "sha256":
        return hashlib.sha256(data).digest()
    if alg == "sm3":
        return sm3(data)
    raise Broken(f"不认识的摘要算法 unknown digest {alg}")


class Envelope:
    """A sealed envelope; reading it checks nothing yet but its form."""

    def __init__(self, data: bytes) -> None:
        outer = fields(data)
        self.head, self.raw = _one(outer, 1, b""), _one(outer, 2, b"")
        self.seals = [_signature(one) for one in outer.get(3, [])]
        head = fields(self.head)
        self.origin, self.dest = _text(head, 3), _text(head, 4)
        self.epoch, self.seq = _one(head, 5, 0), _one(head, 6, 0)
        self.before, self.lane, self.type = _one(head, 7, b""), _one(head, 8, b""), _text(head, 9)
        self.alg = DIGESTS.get(_one(head, 11, 0), "")
        self.body_digest = _one(head, 12, b"")
        self.at, self.flags = _signed(_one(head, 13, 0)), _one(head, 19, 0)
        self.chain = _digest(self.alg, CHAIN_TAG + self.head) if self.alg else b""
        self.key: dict[str, Any] = {}

    @property
    def link(self) -> str:
        """From whom to whom."""
        return f"{self.origin} → {self.dest}"

    @property
    def body(self) -> bytes:
        """What it says, inflated."""
        if not self.flags & DEFLATED:
            return bytes(self.raw)
        inflater = zlib.decompressobj()
        try:
            plain = inflater.decompress(self.raw, INFLATED_BYTES_MAX)
        except zlib.error as error:
            raise Broken("正文无法解压 the body does not inflate") from error
        if inflater.unconsumed_tail or not inflater.eof:
            raise Broken("正文过大或被截断 the body is too large or cut short")
        return plain


class Entry:
    """A journal entry."""

    def __init__(self, data: bytes) -> None:
        found = fields(data)
        self.node, self.case_id = _text(found, 1), _one(found, 2, b"")
        self.branch, self.version = _one(found, 3, 0), _one(found, 4, 0)
        self.at, self.hlc = _signed(_one(found, 6, 0)), _one(found, 7, 0)
        self.actor, self.event_type = _text(found, 8), _text(found, 11)
        try:
            self.event = json.loads(_one(found, 12, b"{}"))
        except ValueError as error:
            raise Broken("事件无法识别 no event") from error

    def photos(self) -> list[str]:
        """Digests of the photos that it names, hex."""
        facts = self.event.get("facts") or {}
        return [one["digest"] for one in (*facts.get("photos", ()), *self.event.get("photos", ()))]


# --- keys -----------------------------------------------------------------------------------------


class Ring:
    """Whose key is which, by the rosters that the root signed, and what the exporting node says
    of keys that no roster lists yet."""

    def __init__(
        self, root: dict[str, str], rosters: dict[str, bytes], enrolled: list[dict[str, Any]]
    ) -> None:
        self.keys: dict[str, dict[str, Any]] = {}
        self.serials: list[int] = []
        for name, signed in sorted(rosters.items()):
            outer = fields(signed)
            data = _one(outer, 1, b"")
            alg, key_id, value = _signature(_one(outer, 2, b""))
            if (alg, key_id) != (root["alg"], root["key_id"]) or not holds(
                    alg, bytes.fromhex(root["public"]), ROSTER_TAG + data, value):
                raise Broken(f"{name}：名册签名不成立 the roster's signature does not hold")
            self._read(fields(data))
        for one in enrolled:
            self.keys.setdefault(one["key_id"], {
                **one, "public": bytes.fromhex(one["public"]), "roster": None})

    def _read(self, roster: dict[int, list[Any]]) -> None:
        serial = _one(roster, 1, 0)
        self.serials.append(serial)
        for raw in roster.get(4, []):
            member = fields(raw)
            node = _text(member, 1)
            for data in member.get(4, []):
                key = fields(data)
                said = {
                    "key_id": _text(key, 1), "alg": _text(key, 2), "public": _one(key, 3, b""),
                    "from": _signed(_one(key, 4, 0)), "to": _signed(_one(key, 5, 0)),
                    "revoked": _signed(_one(key, 6, 0)), "node": node, "roster": serial,
                }
                self.keys[said["key_id"]] = said

    def check(
        self, node: str, data: bytes, seals: list[tuple[str, str, bytes]], at: int
    ) -> dict[str, Any]:
        """The key of ``node`` that sealed this; ``Broken`` if none did that counted then, or one
        seal is broken. While an office goes over to another key there are two."""
        found, why = None, f"没有 {node} 的签名密钥 no key of {node} sealed this"
        for alg, key_id, value in seals:
            key = self.keys.get(key_id)
            if key is None or key["node"] != node:
                continue
            if key["alg"] != alg or not holds(alg, key["public"], data, value):
                raise Broken(f"{node} 的签名不成立 the seal of {node} is broken")
            if key["revoked"] and at >= key["revoked"]:
                why = f"密钥 {key_id} 已撤销 the key was revoked"
            elif not key["from"] - EARLY_US <= at <= key["to"] + GRACE_US:
                why = f"密钥 {key_id} 当时无效 the key was not valid then"
            else:
                found = key
        if found is None:
            raise Broken(why)
        return found


def _listed(key: dict[str, Any]) -> str:
    if key["roster"] is None:
        return "不在名册内，仅由出包节点担保 in no roster, vouched for by the exporting node alone"
    return f"名册 {key['roster']} 列明 listed in roster {key['roster']}"


# --- the bundle -----------------------------------------------------------------------------------


def read(path: str | Path) -> dict[str, bytes]:
    """{name: bytes} of a bundle, a zip or the folder made of one."""
    path = Path(path)
    if path.is_dir():
        return {one.relative_to(path).as_posix(): one.read_bytes()
                for one in sorted(path.rglob("*")) if one.is_file()}
    with zipfile.ZipFile(path) as bundle:
        names = bundle.namelist()
        if len(names) != len(set(names)):
            raise Broken("包内有重名文件 a name twice in the bundle")
        if any(one.file_size > FILE_BYTES_MAX for one in bundle.infolist()):
            raise Broken("包内文件过大 a file is too large")
        return {name: bundle.read(name) for name in names if not name.endswith("/")}


class Report:
    """What is said: lines, and what does not hold."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.broken: list[str] = []
        self.entries: list[dict[str, Any]] = []

    def say(self, text: str) -> None:
        """A line."""
        self.lines.append(text)

    def fail(self, text: str) -> None:
        """Something that does not hold."""
        self.broken.append(text)
        self.lines.append("  ✗ " + text)


def _time(us: int) -> str:
    try:
        return datetime.fromtimestamp(us / 1e6, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, OSError, ValueError):
        return str(us)


class Check:
    """One bundle."""

    def __init__(self, files: dict[str, bytes], root_key: str = "") -> None:
        self.files, self.told = files, Report()
        self.wanted = root_key.replace(":", "").replace(" ", "").lower()
        self.manifest = json.loads(files["manifest.json"])
        if self.manifest["format"] != FORMAT:
            raise Broken(f"不认识的格式 unknown format {self.manifest['format']}")
        self.node = self.manifest["node"]
        self.case_id = bytes.fromhex(self.manifest["case_id"].replace("-", ""))
        self.words: list[Envelope] = []
        self.found: dict[str, Envelope] = {}

    def run(self) -> Report:
        """Everything, one after the other; a part that breaks does not hide the others."""
        told = self.told
        told.say(f"案卷 case {self.manifest['case_no']} {self.manifest['case_id']}")
        told.say(f"出包 made by {self.node}，{self.manifest['taken_at']}")
        if not self._keys():
            return told
        for part in (self._manifest, self._words, self._entries, self._countersigns, self._photos,
                     self._audit):
            try:
                part()
            except (Broken, KeyError, ValueError, TypeError, IndexError) as error:
                told.fail(f"{part.__name__[1:]}：{error!s}")
        return told

    def _below(self, folder: str, ending: str = "") -> dict[str, bytes]:
        return {name: data for name, data in sorted(self.files.items())
                if name.startswith(folder + "/") and name.endswith(ending)}

    def _keys(self) -> bool:
        told, root = self.told, self.manifest["root_key"]
        fingerprint = hashlib.sha256(bytes.fromhex(root["public"])).hexdigest()
        told.say(f"根密钥指纹 root key {fingerprint}")
        if self.wanted and self.wanted != fingerprint:
            told.fail("根密钥不是所给的那一把 this is not the root key that was given")
            return False
        if not self.wanted:
            told.say("  请与另行取得的指纹核对 compare it with one that you got elsewhere"
                     "（--root-key）")
        try:
            self.ring = Ring(root, self._below("rosters"),
                             json.loads(self.files.get("keys.json", b"[]")))
        except (Broken, KeyError, ValueError, TypeError) as error:
            told.fail(str(error))
            return False
        serials = ", ".join(map(str, sorted(self.ring.serials)))
        told.say(f"名册 rosters {serials}，均由根密钥签名 signed by the root key")
        return True

    def _manifest(self) -> None:
        told, told_files = self.told, {one["path"]: one for one in self.manifest["files"]}
        seal = json.loads(self.files["manifest.sig.json"])
        at = int(datetime.fromisoformat(self.manifest["taken_at"]).timestamp() * 1e6)
        try:
            key = self.ring.check(
                self.node, MANIFEST_TAG + self.files["manifest.json"],
                [(seal["alg"], seal["key_id"], bytes.fromhex(seal["signature"]))], at)
            told.say(f"清单由 {self.node} 签名 the manifest is signed，{_listed(key)}")
        except Broken as error:
            told.fail(f"清单 manifest：{error}")
        present = set(self.files) - {"manifest.json", "manifest.sig.json"}
        for name in sorted(set(told_files) - present):
            told.fail(f"{name}：缺失 is missing")
        for name in sorted(present - set(told_files)):
            told.fail(f"{name}：不在清单内 is not in the manifest")
        for name in sorted(present & set(told_files)):
            if hashlib.sha256(self.files[name]).hexdigest() != told_files[name]["sha256"]:
                told.fail(f"{name}：被改动 was changed")

    def _envelope(self, data: bytes, where: str) -> Envelope | None:
        """A sealed envelope whose seal and digest hold, or None; what does not is said."""
        try:
            found = Envelope(data)
            found.key = self.ring.check(found.origin, SEAL_TAG + found.head, found.seals, found.at)
        except Broken as error:
            self.told.fail(f"{where}：{error}")
            return None
        if not found.alg or _digest(found.alg, found.raw) != found.body_digest:
            self.told.fail(f"{where}：正文与摘要不符 the body is not the one that was sealed")
            return None
        return found

    def _words(self) -> None:
        """Envelopes that this node sent and received about the case."""
        for name, data in self._below("words", ".sealed").items():
            found = self._envelope(data, name)
            if found is None:
                continue
            if found.flags & RELAYED:
                inner = self._envelope(found.raw, name)
                if inner is not None:
                    self._trace(inner)
            elif found.type == REPORT and 10 in fields(found.body):
                self._trace(found)
            elif found.lane != self.case_id:
                self.told.fail(f"{name}：不是本案的报文 is about another case")
            self.words.append(found)
        by_place = {(one.origin, one.dest, one.epoch, one.seq): one for one in self.words}
        for one in self.words:
            last = by_place.get((one.origin, one.dest, one.epoch, one.seq - 1))
            if last is not None and last.chain != one.before:
                self.told.fail(f"{one.link} {one.epoch}:{one.seq}：链不衔接 "
                               "does not follow the one before")

    def _trace(self, envelope: Envelope) -> None:
        """The entry that an envelope carries, under the seal of its maker."""
        for raw in fields(envelope.body).get(10, []):
            self.found.setdefault(hashlib.sha256(raw).hexdigest(), envelope)

    def _entries(self) -> None:
        told = self.told
        for name, data in self._below("traces", ".sealed").items():
            found = self._envelope(data, name)
            if found is not None:
                self._trace(found)
        rows = []
        for name, data in self._below("entries", ".entry").items():
            try:
                one = Entry(data)
            except Broken as error:
                told.fail(f"{name}：{error}")
                continue
            if name != f"entries/{one.node}/{one.branch}-{one.version}.entry":
                told.fail(f"{name}：名实不符 holds another entry")
            if one.case_id != self.case_id:
                told.fail(f"{name}：不是本案的记录 is of another case")
            rows.append((one.hlc, one.node, one.version, one, name, data))
        for *_, one, name, data in sorted(rows, key=lambda row: row[:3]):
            self._entry(one, name, data)
        for node in sorted({one.node for *_, one, _, _ in rows}):
            self._order(node, [one for *_, one, _, _ in rows if one.node == node])
        if not any(one.node == self.node for *_, one, _, _ in rows):
            told.fail(f"没有 {self.node} 自己的记录 no entry of {self.node} itself")

    def _entry(self, one: Entry, name: str, data: bytes) -> None:
        envelope = self.found.get(hashlib.sha256(data).hexdigest())
        called = self.manifest["events"].get(one.event_type, "")
        said = (f"{_time(one.at)}  {one.node} #{one.version} {called} {one.event_type}"
                f"{f'  {one.actor}' if one.actor else ''}")
        document: dict[str, Any] = {
            "file": name, "node": one.node, "branch": one.branch, "version": one.version,
            "event": one.event_type, "actor": one.actor, "at": one.at}
        self.told.say(said)
        if envelope is not None and envelope.origin == one.node:
            self.told.say(f"  ✓ {envelope.origin} 封签 sealed {_time(envelope.at)}，"
                          f"密钥 key {envelope.key['key_id']}，{_listed(envelope.key)}")
            document.update(sealed_by=envelope.origin, sealed_at=envelope.at,
                            key=envelope.key["key_id"], roster=envelope.key["roster"])
        elif envelope is not None:
            self.told.fail(f"{name}：由 {envelope.origin} 而非 {one.node} 封签 "
                           "is sealed by somebody else")
        elif one.node == self.node:
            self.told.say("  ✓ 本节点记录，由清单签名担保 its own entry, under the manifest's "
                          "signature")
            document.update(sealed_by=self.node, sealed_at=None, key=None, roster=None)
        else:
            self.told.fail(f"{name}：没有封签 nobody sealed it")
        self.told.entries.append(document)

    def _order(self, node: str, entries: list[Entry]) -> None:
        """Versions without a gap, and clocks that do not run backwards inside a branch."""
        entries.sort(key=lambda one: (one.branch, one.version))
        have, top = {one.version for one in entries}, max(one.version for one in entries)
        lacking = sorted(set(range(1, top + 1)) - have)
        if lacking:
            self.told.fail(f"{node}：缺少第 {', '.join(map(str, lacking))} 条 entries are missing")
        for one, after in zip(entries, entries[1:]):  # noqa: B905, RUF007 - Python 3.9
            if one.branch == after.branch and after.hlc < one.hlc:
                self.told.fail(f"{node} #{after.version}：次序颠倒 out of order")

    def _countersigns(self) -> None:
        for name, data in self._below("countersigns").items():
            outer = fields(data)
            statement, seal = _one(outer, 1, b""), _signature(_one(outer, 2, b""))
            said = fields(statement)
            link, origin = _text(said, 1), _text(said, 2)
            place = fields(_one(said, 3, b""))
            at = _signed(_one(said, 5, 0))
            # The other end of the link; an id holds no hyphen.
            peer = next((end for end in link.split("-") if end != origin), "")
            try:
                key = self.ring.check(peer, COUNTERSIGN_TAG + statement, [seal], at)
            except Broken as error:
                self.told.fail(f"{name}：{error}")
                continue
            where = _one(place, 1, 0), _one(place, 2, 0)
            covered = self._covered((origin, peer), where, _one(said, 4, b""), name)
            self.told.say(
                f"{_time(at)}  {peer} 会签 confirmed that it has what {origin} sent up to "
                f"{where[0]}:{where[1]}（{covered} 件本案报文 words of this case），密钥 key "
                f"{key['key_id']}，{_listed(key)}")

    def _covered(
        self, way: tuple[str, str], place: tuple[int, int], head: bytes, name: str
    ) -> int:
        """How many words of the case a countersign covers, by the headers up to its place."""
        epoch, seq = place
        heads = {}
        for head_name, data in self._below("headers").items():
            found = fields(data)
            if (_text(found, 3), _text(found, 4)) == way:
                alg = DIGESTS.get(_one(found, 11, 0), "")
                heads[_one(found, 5, 0), _one(found, 6, 0)] = (
                    _one(found, 7, b""), _digest(alg, CHAIN_TAG + data) if alg else b"", head_name)
        for one in self.words:
            if (one.origin, one.dest) == way:
                heads[one.epoch, one.seq] = (one.before, one.chain, "")
        if (epoch, seq) not in heads:
            self.told.fail(f"{name}：所会签的位置不在包内 its place is not in the bundle")
            return 0
        if heads[epoch, seq][1] != head:
            self.told.fail(f"{name}：会签的链值不符 it names another chain value")
            return 0
        reached, covered = seq, set()
        while (epoch, reached) in heads:
            covered.add(reached)
            before = heads.get((epoch, reached - 1))
            if before is not None and before[1] != heads[epoch, reached][0]:
                self.told.fail(f"{name}：{epoch}:{reached} 链不衔接 does not follow the one before")
                break
            reached -= 1
        return sum((one.origin, one.dest, one.epoch) == (*way, epoch)
                   and one.seq in covered for one in self.words)

    def _photos(self) -> None:
        named = set()
        for name, data in self._below("entries", ".entry").items():
            try:
                named.update(Entry(data).photos())
            except Broken:
                self.told.say(f"  {name}：照片未读 its photos were not read")
        here = set()
        for name, data in self._below("photos").items():
            digest = name.rsplit("/", 1)[-1].split(".")[0]
            here.add(digest)
            if hashlib.sha256(data).hexdigest() != digest:
                self.told.fail(f"{name}：照片被改动 the photo was changed")
            elif digest not in named:
                self.told.fail(f"{name}：没有记录提到它 no entry names it")
        lacking = set(self.manifest["missing_photos"])
        for digest in sorted(named - here):
            if digest in lacking:
                self.told.say(f"照片 photo {digest}：出包节点没有其字节 "
                              "the exporting node does not hold its bytes")
            else:
                self.told.fail(f"photos/{digest}：缺失 is missing")
        self.told.say(f"照片 photos {len(here)}，摘要相符 their digests hold")

    def _audit(self) -> None:
        count = 0
        for line in self.files.get("audit.jsonl", b"").splitlines():
            row = json.loads(line)
            values = [row[name] for name in (
                "n", "at", "actor", "roles", "origin", "action", "subject", "outcome", "reason",
                "detail", "alg")]
            said = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
            before = bytes.fromhex(row["before"])
            if _digest(row["alg"], AUDIT_TAG + before + said).hex() != row["chain"]:
                self.told.fail(f"审计第 {row['n']} 行：链值不符 its chain value differs")
            count += 1
            self.told.say(f"{_time(row['at'])}  审计 audit #{row['n']} {row['actor']} "
                          f"{row['action']} {row['outcome']} {row['reason']}".rstrip())
        self.told.say(f"审计日志 audit rows {count}")


def main(arguments: list[str] | None = None) -> int:
    """Check one bundle and say so."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("bundle", help="证据包 the bundle: a .zip, or the folder made of one")
    parser.add_argument("--root-key", default="", help="根密钥指纹 fingerprint of the root key")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出 as JSON")
    asked = parser.parse_args(arguments)
    try:
        told = Check(read(asked.bundle), asked.root_key).run()
    except (OSError, KeyError, ValueError, TypeError, Broken, zipfile.BadZipFile,
            zlib.error) as error:
        print(f"不是证据包 no evidence bundle: {error}", file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps({"holds": not told.broken, "broken": told.broken,
                          "entries": told.entries}, ensure_ascii=False, indent=1))
    else:
        print("\n".join(told.lines))
        print()
        print(f"不成立 {len(told.broken)} 处 things do not hold" if told.broken
              else "全部成立 everything holds")
    return 1 if told.broken else 0


if __name__ == "__main__":
    sys.exit(main())
