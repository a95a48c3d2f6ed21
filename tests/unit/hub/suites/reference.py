"""SM2 once more, in plain integers after GB/T 32918.2: slow, and sharing no line with OpenSSL."""

from __future__ import annotations

import hashlib

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
ID = b"1234567812345678"

Point = tuple[int, int] | None


def add(one: Point, other: Point) -> Point:
    """Sum on the curve; None is the point at infinity."""
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(k: int, point: Point) -> Point:
    done: Point = None
    while k:
        if k & 1:
            done = add(done, point)
        point = add(point, point)
        k >>= 1
    return done


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def number(public: tuple[int, int], message: bytes, user_id: bytes = ID) -> int:
    """e: the digest of Z and the message."""
    parts = (A, B, *G, *public)
    length = (8 * len(user_id)).to_bytes(2, "big")
    z = sm3(length + user_id + b"".join(part.to_bytes(32, "big") for part in parts))
    return int.from_bytes(sm3(z + message), "big")


def sign(d: int, k: int, message: bytes, user_id: bytes = ID) -> tuple[int, int]:
    """(r, s) with the private key ``d`` and the random number ``k``."""
    public, drawn = times(d, G), times(k, G)
    assert public is not None
    assert drawn is not None
    r = (number(public, message, user_id) + drawn[0]) % N
    return r, pow(1 + d, -1, N) * (k - r * d) % N


def holds(public: tuple[int, int], message: bytes, r: int, s: int, user_id: bytes = ID) -> bool:
    if not (0 < r < N and 0 < s < N) or (t := (r + s) % N) == 0:
        return False
    found = add(times(s, G), times(t, public))
    return found is not None and (number(public, message, user_id) + found[0]) % N == r


def der(r: int, s: int) -> bytes:
    """SEQUENCE {r, s}."""
    body = b""
    for value in (r, s):
        raw = value.to_bytes(value.bit_length() // 8 + 1, "big")
        body += bytes([2, len(raw)]) + raw
    return bytes([0x30, len(body)]) + body


def undone(signature: bytes) -> tuple[int, int]:
    """(r, s) of a DER signature."""
    values, rest = [], signature[2:]
    while rest:
        values.append(int.from_bytes(rest[2 : 2 + rest[1]], "big"))
        rest = rest[2 + rest[1]:]
    return values[0], values[1]


def point(raw: bytes) -> tuple[int, int]:
    """Of 04 ‖ X ‖ Y."""
    return int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:], "big")
