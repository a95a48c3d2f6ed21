"""The identity of a node: its private keys, its place in the tree and its papers, as files.

Everything lies in one directory (mode 0700): what is secret with mode 0600, what is public as
plain PEM or JSON. Files, not rows, because provisioning must work while the running node holds its
database, and a backup of the database must never carry a private key.

    identity.json  sign.key  tls.key  nats.seed      made at ``create``
    sign-next.key  sign-before.key                   while it goes over to another key, and after
    roster.key                                       the root only: signs rosters
    ca.key  ca.pem  server.pem                       a parent's link authority
    children/<id>.json                               whom this parent accepted
    kit.json  parent-ca.pem  client.pem              a child's papers from its parent
    roster.bin                                       copy of the newest signed roster
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from hub.errors import Malformed, Untrusted
from hub.ids import LinkId, NodeId, link_id, node_id
from hub.roster.authority import (
    CERTIFICATE_FILE,
    Certificate,
    LinkAuthority,
    at,
    read_certificate,
)
from hub.roster.documents import JoinRequest, Kit
from hub.roster.keys import NatsKey, SignKey, TlsKey, write_public
from hub.roster.roster import KEY_LIFE, PublicKey, Roster, open_roster
from hub.seal import ED25519
from hub.suites.registry import suite_of

IDENTITY_FILE = "identity.json"
SIGN_FILE, TLS_FILE, NATS_FILE = "sign.key", "tls.key", "nats.seed"
NEXT_FILE, BEFORE_FILE = "sign-next.key", "sign-before.key"
"""The sign key a node goes over to, and the one it had: to look at old words, used by nobody."""
ROOT_KEY_FILE, ROSTER_FILE = "roster.key", "roster.bin"
KIT_FILE, PARENT_CA_FILE, CLIENT_FILE = "kit.json", "parent-ca.pem", "client.pem"
ALONE = ".alone"
"""Ending of the papers of a node that was a root before it was taken in by another."""
SERVER_FILE, CHILDREN = "server.pem", "children"
SIGNING_FILE = "roster.lock"
ROOT_KEY_LIFE = timedelta(days=3650)
"""The root's roster key is pinned in every kit; changing it means new kits for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child this node accepted. ``retired_at_us`` None = still welcome. ``rekeyed_at_us``: when
    it was last taken in with other keys in the place of those it had; 0 = never."""

    request: JoinRequest
    certificate: Certificate
    retired_at_us: int | None = None
    rekeyed_at_us: int = 0

    @property
    def node(self) -> NodeId:
        """Who it is."""
        return self.request.node


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """The other end of one of this node's links. ``peer_is``: PARENT or CHILD."""

    link: LinkId
    peer: NodeId
    peer_is: str
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What makes this node itself. Private keys are inside and never shown."""

    node: NodeId
    name: str
    parent: NodeId | None
    made_at_us: int
    directory: Path
    sign: SignKey
    tls: TlsKey
    nats: NatsKey
    sign_from_us: int
    beside: SignKey | None = None
    """The key this node goes over to, while it does: it seals everything as well."""
    beside_from_us: int = 0

    @classmethod
    def create(
        cls,
        directory: Path,
        *,
        node: NodeId,
        name: str,
        parent: NodeId | None,
        now_us: int,
        suite: str = ED25519,
        sign: SignKey | None = None,
        roster_sign: SignKey | None = None,
    ) -> Identity:
        """Make all keys of a new node. ``parent`` None makes the root: its roster key too.

        ``suite`` is what the node seals with, and signs rosters with if it is the root; ``sign``
        and ``roster_sign`` are keys that are there already, in a device. Refuses
        (``keys.exist``) where an identity lies already, and a suite that this machine lacks.
        """
        suite_of(suite)
        if parent == node:
            raise Untrusted(f"{node} cannot be its own parent", code="identity.parent")
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        if (directory / IDENTITY_FILE).exists() or (directory / SIGN_FILE).exists():
            raise Untrusted("making an identity: there is one already", code="keys.exist")
        sign = sign or SignKey.generate(suite)
        tls, nats = TlsKey.generate(), NatsKey.generate()
        sign.save(directory / SIGN_FILE)
        tls.save(directory / TLS_FILE)
        nats.save(directory / NATS_FILE)
        if parent is None:
            (roster_sign or SignKey.generate(suite)).save(directory / ROOT_KEY_FILE)
        made = cls(
            node=node, name=name, parent=parent, made_at_us=now_us, directory=directory,
            sign=sign, tls=tls, nats=nats, sign_from_us=now_us,
        )
        # Last, so that a half-made identity is never taken for a whole one.
        made._write()
        return made

    @classmethod
    def load(cls, directory: Path) -> Identity:
        """Read an identity; ``Untrusted`` when files are missing or others may read the keys."""
        try:
            fields = json.loads((directory / IDENTITY_FILE).read_bytes())
            node, name = node_id(fields["node"]), str(fields["name"])
            parent = node_id(fields["parent"]) if fields["parent"] else None
            made_at_us = int(fields["made_at_us"])
            sign_from_us = int(fields.get("sign_from_us", made_at_us))
            beside_from_us = int(fields.get("beside_from_us", made_at_us))
        except OSError as err:
            raise Untrusted(
                f"reading {IDENTITY_FILE}: {err.strerror}", code="keys.missing"
            ) from err
        except (ValueError, KeyError, TypeError) as err:
            raise Malformed(f"reading {IDENTITY_FILE}: {err}", code="keys.malformed") from err
        return cls(
            node=node, name=name, parent=parent, made_at_us=made_at_us, directory=directory,
            sign=SignKey.load(directory / SIGN_FILE),
            tls=TlsKey.load(directory / TLS_FILE),
            nats=NatsKey.load(directory / NATS_FILE),
            sign_from_us=sign_from_us,
            beside=SignKey.load(directory / NEXT_FILE)
            if (directory / NEXT_FILE).exists() else None,
            beside_from_us=beside_from_us,
        )

    def going_over(
        self, suite: str, *, now_us: int, made: SignKey | None = None
    ) -> Identity:
        """This node with a second sign key (``made``: one in a device) beside its first: from its
        next start on both seal everything, and a receiver that knows one is content. Refuses
        (``keys.going_over``) a node that is on its way already."""
        if self.beside is not None:
            raise Untrusted(
                f"{self.node} goes over to a {self.beside.alg} key already",
                code="keys.going_over",
            )
        made = made or SignKey.generate(suite)
        grown = replace(self, beside=made, beside_from_us=now_us)
        grown._write()
        made.save(self.directory / NEXT_FILE)
        return grown

    def gone_over(self) -> Identity:
        """This node with the second key alone. To be called when every neighbour has a roster that
        lists it: from the next start on nothing else seals."""
        if self.beside is None:
            raise Untrusted(f"{self.node} goes over to no other key", code="keys.not_going_over")
        before = self.directory / BEFORE_FILE
        before.unlink(missing_ok=True)
        # A link first: there is a sign key under its name at every moment.
        before.hardlink_to(self.directory / SIGN_FILE)
        (self.directory / NEXT_FILE).replace(self.directory / SIGN_FILE)
        gone = replace(self, sign=self.beside, sign_from_us=self.beside_from_us, beside=None)
        gone._write()
        return gone

    def under(self, parent: NodeId) -> Identity:
        """This node, which was a root alone, as a child of ``parent``: the same keys and name. The
        roster key and roster of before are kept beside, used by nobody. Refuses
        (``identity.attached``) a node that has a parent, and (``identity.has_children``) one
        with children: their kits pin a root key that would no longer sign anything."""
        if self.parent is not None or parent == self.node:
            raise Untrusted(f"{self.node} has a parent, or would be its own",
                            code="identity.attached")
        if any(child.retired_at_us is None for child in self.children()):
            raise Untrusted(
                f"{self.node} has children: they go by its roster; retire them, and take them in "
                "again under the new root", code="identity.has_children",
            )
        made = replace(self, parent=parent)
        # First what decides: a node that has a parent looks at none of the files below.
        made._write()
        for name in (ROOT_KEY_FILE, ROSTER_FILE):
            if (self.directory / name).exists():
                (self.directory / name).rename(self.directory / f"{name}{ALONE}")
        return made

    def _write(self) -> None:
        text = json.dumps(
            {"version": 1, "node": self.node, "name": self.name, "parent": self.parent,
             "suite": self.sign.alg, "made_at_us": self.made_at_us,
             "sign_from_us": self.sign_from_us,
             **({"beside_from_us": self.beside_from_us} if self.beside is not None else {})},
            ensure_ascii=False,
            indent=2,
        )
        write_public(self.directory / IDENTITY_FILE, text.encode())

    @property
    def is_root(self) -> bool:
        """Whether this node has no parent and so makes the roster."""
        return self.parent is None

    @property
    def signers(self) -> tuple[SignKey, ...]:
        """Whoever seals: the first is the one that every neighbour knows."""
        return (self.sign,) if self.beside is None else (self.sign, self.beside)

    def public_key(self) -> PublicKey:
        """The sign key as the roster shall list it."""
        return _listed(self.sign, self.sign_from_us)

    def public_keys(self) -> tuple[PublicKey, ...]:
        """Every sign key as the roster shall list it: two while this node goes over."""
        own = self.public_key()
        return (own,) if self.beside is None else (own, _listed(self.beside, self.beside_from_us))

    def roster_signer(self) -> SignKey:
        """The root's roster key; ``Untrusted`` (``roster.not_root``) anywhere else."""
        if not self.is_root:
            raise Untrusted(f"{self.node} is not the root: it signs no roster",
                            code="roster.not_root")
        return SignKey.load(self.directory / ROOT_KEY_FILE)

    @contextmanager
    def signing(self) -> Iterator[None]:
        """Alone with the roster: the running root and a person at its command line both sign the
        next serial, and two rosters under one serial would split the tree. Blocks; not for a
        second time on the same thread."""
        handle = os.open(self.directory / SIGNING_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def root_key(self) -> PublicKey:
        """The pinned key every roster must be signed by; ``identity.no_kit`` before joining."""
        if self.is_root:
            signer = self.roster_signer()
            return PublicKey(
                key_id=signer.key_id,
                alg=signer.alg,
                public=signer.public,
                valid_from_us=self.made_at_us,
                valid_to_us=self.made_at_us + _us(ROOT_KEY_LIFE),
            )
        kit = self.kit()
        if kit is None:
            raise Untrusted(
                f"{self.node} has no kit yet: it does not know the root's key",
                code="identity.no_kit",
            )
        return kit.root_key

    def kit(self) -> Kit | None:
        """The papers from the parent, or None before ``enter``."""
        path = self.directory / KIT_FILE
        return Kit.from_json(path.read_bytes()) if path.exists() else None

    def keep_kit(self, kit: Kit) -> None:
        """Store a verified kit and the PEM files the carriers read."""
        write_public(self.directory / PARENT_CA_FILE, kit.ca.encode())
        write_public(self.directory / CLIENT_FILE, kit.certificate.encode())
        write_public(self.directory / KIT_FILE, kit.to_json().encode())

    def signed_roster(self) -> bytes | None:
        """The file copy of the newest signed roster."""
        path = self.directory / ROSTER_FILE
        return path.read_bytes() if path.exists() else None

    def roster(self) -> Roster | None:
        """The verified roster of the file copy, or None before the first."""
        signed = self.signed_roster()
        return None if signed is None else open_roster(signed, root_key=self.root_key())

    def keep_roster(self, signed: bytes) -> None:
        """Replace the file copy; the caller has verified it and knows that it is newer."""
        write_public(self.directory / ROSTER_FILE, signed)

    def authority(self, *, now_us: int) -> LinkAuthority:
        """This parent's link CA, made at first use."""
        if not (self.directory / CERTIFICATE_FILE).exists():
            return LinkAuthority.create(self.directory, node=self.node, now=at(now_us))
        return LinkAuthority.load(self.directory, node=self.node)

    def server_certificate(self, *, hosts: Sequence[str], now_us: int) -> Certificate:
        """The server certificate for gRPC and NATS, made anew at two thirds of its life, or when
        a host is missing on it; then ``server.pem`` has changed."""
        path = self.directory / SERVER_FILE
        if path.exists():
            present = read_certificate(path.read_bytes())
            ours = present.spki_digest == self.tls.spki_digest()
            if ours and now_us < present.renew_at_us and present.covers(hosts):
                return present
        authority = self.authority(now_us=now_us)
        made = authority.server_certificate(self.tls, hosts=hosts, now=at(now_us))
        write_public(path, made.pem.encode())
        return made

    def keep_child(self, child: Child) -> None:
        """Remember an accepted (or retired) child."""
        folder = self.directory / CHILDREN
        folder.mkdir(exist_ok=True)
        text = json.dumps(
            {
                "version": 1,
                "request": child.request.to_json(),
                "certificate": child.certificate.pem,
                "retired_at_us": child.retired_at_us,
                "rekeyed_at_us": child.rekeyed_at_us,
            },
            ensure_ascii=False,
            indent=2,
        )
        write_public(folder / f"{child.node}.json", text.encode())

    def children(self) -> tuple[Child, ...]:
        """Every child that was ever accepted here, by NodeId."""
        found: list[Child] = []
        for path in sorted((self.directory / CHILDREN).glob("*.json")):
            try:
                fields = json.loads(path.read_bytes())
                child = Child(
                    request=JoinRequest.from_json(fields["request"]),
                    certificate=read_certificate(fields["certificate"]),
                    retired_at_us=fields["retired_at_us"],
                    rekeyed_at_us=int(fields.get("rekeyed_at_us", 0)),
                )
            except (ValueError, KeyError, TypeError) as err:
                raise Malformed(f"reading {path.name}: {err}", code="keys.malformed") from err
            found.append(child)
        return tuple(found)

    def child(self, node: NodeId) -> Child | None:
        """The accepted child of this id."""
        return next((child for child in self.children() if child.node == node), None)

    def neighbours(self) -> tuple[Neighbour, ...]:
        """Every link this node has: to its parent once it holds a kit, and to its children."""
        up: tuple[Neighbour, ...] = ()
        if self.parent is not None and self.kit() is not None:
            link = link_id(parent=self.parent, child=self.node)
            up = (Neighbour(link=link, peer=self.parent, peer_is="PARENT"),)
        down = tuple(
            Neighbour(
                link=link_id(parent=self.node, child=child.node),
                peer=child.node,
                peer_is="CHILD",
                retired=child.retired_at_us is not None,
            )
            for child in self.children()
        )
        return (*up, *down)

    def __repr__(self) -> str:
        return f"Identity({self.node}, key {self.sign.key_id})"


def _listed(key: SignKey, from_us: int) -> PublicKey:
    return PublicKey(
        key_id=key.key_id,
        alg=key.alg,
        public=key.public,
        valid_from_us=from_us,
        valid_to_us=from_us + _us(KEY_LIFE),
    )


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
