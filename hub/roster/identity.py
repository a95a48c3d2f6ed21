"""The identity of a node: its private keys, its place in the tree and its papers, as files.

Everything lies in one directory (mode 0700): what is secret with mode 0600, what is public as
plain PEM or JSON. Files, not rows, because provisioning must work while the running node holds its
database, and a backup of the database must never carry a private key.

    identity.json  sign.key  tls.key  nats.seed      made at ``create``
    sign-next.key  sign-before.key                   while it goes over to another key, and after
    client.key  client.seed                          towards the parent, once papers were renewed
    client-next.key  client-next.seed                what the next papers are asked for
    roster.key                                       the root only: signs rosters
    ca.key  ca.pem  server.pem                       a parent's link authority
    children/<id>.json                               whom this parent accepted
    kit.json  parent-ca.pem  client.pem              a child's papers from its parent
    renewed.json                                     newer papers, while they are put in place
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
from hub.roster.holding import (
    BEFORE_FILE,
    CLIENT_KEY_FILE,
    CLIENT_SEED_FILE,
    IDENTITY_FILE,
    NATS_FILE,
    NEXT_FILE,
    SIGN_FILE,
    TLS_FILE,
    Holding,
    LiveSigner,
    LiveSigners,
    NodeKeys,
    load_keys,
    stamps_of,
)
from hub.roster.keys import NatsKey, SignKey, TlsKey, write_public
from hub.roster.roster import KEY_LIFE, PublicKey, Roster, open_roster
from hub.seal import ED25519
from hub.suites.registry import suite_of

ASKED_KEY_FILE, ASKED_SEED_FILE = "client-next.key", "client-next.seed"
"""Keys that the next papers are asked for; they stay until those came."""
RENEWED_FILE = "renewed.json"
"""A newer kit. Once it lies here the papers are renewed; what follows is only put in place."""
ROOT_KEY_FILE, ROSTER_FILE = "roster.key", "roster.bin"
KIT_FILE, PARENT_CA_FILE, CLIENT_FILE = "kit.json", "parent-ca.pem", "client.pem"
ALONE = ".alone"
"""Ending of the papers of a node that was a root before it was taken in by another."""
SERVER_FILE, CHILDREN = "server.pem", "children"
SIGNING_FILE, CHANGING_FILE = "roster.lock", "keys.lock"
ROOT_KEY_LIFE = timedelta(days=3650)
"""The root's roster key is pinned in every kit; changing it means new kits for everybody."""


Issued = tuple[JoinRequest, Certificate]
"""What a child asked for with its TLS key and nkey, and what it got."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child this node accepted. ``retired_at_us`` None = still welcome. ``rekeyed_at_us``: when
    it was last taken in with other keys in the place of those it had; 0 = never. ``before``: what
    was issued earlier and may be in use until it is seen with the renewed papers; the oldest
    first, of which it is known that it used them."""

    request: JoinRequest
    certificate: Certificate
    retired_at_us: int | None = None
    rekeyed_at_us: int = 0
    before: tuple[Issued, ...] = ()

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
    """What makes this node itself. Private keys are inside and never shown; those of a running
    node change (``refresh``), so whoever keeps one for long asks for it anew."""

    node: NodeId
    name: str
    parent: NodeId | None
    made_at_us: int
    directory: Path
    held: Holding

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
            held=Holding(NodeKeys(sign=sign, tls=tls, nats=nats, sign_from_us=now_us)),
        )
        # Last, so that a half-made identity is never taken for a whole one.
        made._write()
        return made

    @classmethod
    def load(cls, directory: Path) -> Identity:
        """Read an identity; ``Untrusted`` when files are missing or others may read the keys."""
        if (directory / RENEWED_FILE).exists():
            with _alone(directory / CHANGING_FILE):
                _put_in_place(directory)
        stamps = stamps_of(directory)
        fields = _fields_of(directory)
        return cls(
            node=fields.node, name=fields.name, parent=fields.parent,
            made_at_us=fields.made_at_us, directory=directory,
            held=Holding(fields.keys(directory), stamps),
        )

    # --- keys -------------------------------------------------------------------------------------

    @property
    def sign(self) -> SignKey:
        """What seals our words."""
        return self.held.keys.sign

    @property
    def sign_from_us(self) -> int:
        """Since when."""
        return self.held.keys.sign_from_us

    @property
    def beside(self) -> SignKey | None:
        """The key this node goes over to, while it does: it seals everything as well."""
        return self.held.keys.beside

    @property
    def beside_from_us(self) -> int:
        return self.held.keys.beside_from_us

    @property
    def tls(self) -> TlsKey:
        """Of our own doors."""
        return self.held.keys.tls

    @property
    def nats(self) -> NatsKey:
        """The nkey this node was made with; those of its children's boxes derive from it."""
        return self.held.keys.nats

    @property
    def client_tls(self) -> TlsKey:
        """Of our certificate from the parent."""
        return self.held.keys.client_tls or self.held.keys.tls

    @property
    def client_nats(self) -> NatsKey:
        """The user that opens our mailbox at the parent."""
        return self.held.keys.client_nats or self.held.keys.nats

    def refresh(self) -> bool:
        """Hold what the files say now: another process, or a person at the command line, may have
        changed them. True if there are other keys now. Blocks on disk."""
        with _alone(self.directory / CHANGING_FILE):
            return self.held.look(
                self.directory, lambda: _fields_of(self.directory).keys(self.directory))

    def going_over(
        self, suite: str, *, now_us: int, made: SignKey | None = None, ends: bool = False
    ) -> Identity:
        """This node with a second sign key (``made``: one in a device) beside its first: from its
        next start or ``refresh`` on both seal everything, and a receiver that knows one is
        content. ``ends``: the running node uses the second alone once its roster lists it.
        Refuses (``keys.going_over``) a node that is on its way already."""
        with _alone(self.directory / CHANGING_FILE):
            return self._going_over(suite, now_us=now_us, made=made, ends=ends)

    def _going_over(
        self, suite: str, *, now_us: int, made: SignKey | None, ends: bool
    ) -> Identity:
        if self.beside is not None or (self.directory / NEXT_FILE).exists():
            raise Untrusted(
                f"{self.node} goes over to another key already",
                code="keys.going_over",
            )
        made = made or SignKey.generate(suite)
        grown = self._holding(replace(
            self.held.keys, beside=made, beside_from_us=now_us, beside_ends=ends))
        grown._write()
        made.save(self.directory / NEXT_FILE)
        return grown

    def gone_over(self) -> Identity:
        """This node with the second key alone. To be called when every neighbour has a roster that
        lists it: from the next start or ``refresh`` on nothing else seals."""
        with _alone(self.directory / CHANGING_FILE):
            return self._gone_over()

    def _gone_over(self) -> Identity:
        keys = self.held.keys
        if keys.beside is None:
            raise Untrusted(f"{self.node} goes over to no other key", code="keys.not_going_over")
        before = self.directory / BEFORE_FILE
        before.unlink(missing_ok=True)
        # A link first: there is a sign key under its name at every moment.
        before.hardlink_to(self.directory / SIGN_FILE)
        (self.directory / NEXT_FILE).replace(self.directory / SIGN_FILE)
        gone = self._holding(replace(
            keys, sign=keys.beside, sign_from_us=keys.beside_from_us, beside=None,
            beside_ends=False))
        gone._write()
        return gone

    def _holding(self, keys: NodeKeys) -> Identity:
        """This node with other keys; a running node comes to hold them by ``refresh``."""
        return replace(self, held=Holding(keys))

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
             **({"beside_from_us": self.beside_from_us, "beside_ends": self.held.keys.beside_ends}
                if self.beside is not None else {})},
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
        return self.held.keys.signers

    @property
    def live_signers(self) -> LiveSigners:
        """The same, for as long as the node runs."""
        return LiveSigners(self.held)

    @property
    def live_signer(self) -> LiveSigner:
        """The first of them, for as long as the node runs."""
        return LiveSigner(self.held)

    def public_key(self) -> PublicKey:
        """The sign key as the roster shall list it."""
        keys = self.held.keys
        return _listed(keys.sign, keys.sign_from_us)

    def public_keys(self) -> tuple[PublicKey, ...]:
        """Every sign key as the roster shall list it: two while this node goes over."""
        keys = self.held.keys
        own = _listed(keys.sign, keys.sign_from_us)
        return (own,) if keys.beside is None else (own, _listed(keys.beside, keys.beside_from_us))

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
        with _alone(self.directory / SIGNING_FILE):
            yield

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

    def asked_keys(self, *, nkey: bool) -> tuple[TlsKey, NatsKey]:
        """The keys that newer papers are asked for, made at first use; the same until those came.
        ``nkey`` False: the mailbox user of today stays."""
        with _alone(self.directory / CHANGING_FILE):
            key, seed = self.directory / ASKED_KEY_FILE, self.directory / ASKED_SEED_FILE
            if not key.exists():
                TlsKey.generate().save(key)
            if not nkey:
                seed.unlink(missing_ok=True)
                return TlsKey.load(key), self.client_nats
            if not seed.exists():
                NatsKey.generate().save(seed)
            return TlsKey.load(key), NatsKey.load(seed)

    def keep_renewed(self, kit: Kit) -> None:
        """Put newer papers and the keys they are for in the place of those of before, whole or not
        at all: a start in the middle goes on with it. The caller has verified them."""
        with _alone(self.directory / CHANGING_FILE):
            write_public(self.directory / RENEWED_FILE, kit.to_json().encode())
            _put_in_place(self.directory)
        self.refresh()

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
                **({"before": [text for request, certificate in child.before
                               for text in (request.to_json(), certificate.pem)]}
                   if child.before else {}),
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
                    before=_before(fields.get("before", [])),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """What identity.json says."""

    node: NodeId
    name: str
    parent: NodeId | None
    made_at_us: int
    sign_from_us: int
    beside_from_us: int
    beside_ends: bool

    def keys(self, directory: Path) -> NodeKeys:
        return load_keys(
            directory, sign_from_us=self.sign_from_us, beside_from_us=self.beside_from_us,
            beside_ends=self.beside_ends,
        )


def _fields_of(directory: Path) -> _Fields:
    try:
        fields = json.loads((directory / IDENTITY_FILE).read_bytes())
        made_at_us = int(fields["made_at_us"])
        return _Fields(
            node=node_id(fields["node"]),
            name=str(fields["name"]),
            parent=node_id(fields["parent"]) if fields["parent"] else None,
            made_at_us=made_at_us,
            sign_from_us=int(fields.get("sign_from_us", made_at_us)),
            beside_from_us=int(fields.get("beside_from_us", made_at_us)),
            beside_ends=bool(fields.get("beside_ends", False)),
        )
    except OSError as err:
        raise Untrusted(f"reading {IDENTITY_FILE}: {err.strerror}", code="keys.missing") from err
    except (ValueError, KeyError, TypeError) as err:
        raise Malformed(f"reading {IDENTITY_FILE}: {err}", code="keys.malformed") from err


def _before(fields: list[str]) -> tuple[Issued, ...]:
    return tuple(
        (JoinRequest.from_json(request), read_certificate(certificate))
        for request, certificate in zip(fields[::2], fields[1::2], strict=True)
    )


def _put_in_place(directory: Path) -> None:
    """What a renewed kit says, file by file; may be repeated from any point."""
    path = directory / RENEWED_FILE
    if not path.exists():
        return  # whoever held the lock before us has done it
    kit = Kit.from_json(path.read_bytes())
    for asked, used in ((ASKED_KEY_FILE, CLIENT_KEY_FILE), (ASKED_SEED_FILE, CLIENT_SEED_FILE)):
        if (directory / asked).exists():
            (directory / asked).replace(directory / used)
    write_public(directory / PARENT_CA_FILE, kit.ca.encode())
    write_public(directory / CLIENT_FILE, kit.certificate.encode())
    write_public(directory / KIT_FILE, kit.to_json().encode())
    path.unlink()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Alone with what this file stands for, among all processes."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


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
