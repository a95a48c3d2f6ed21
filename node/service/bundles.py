"""``office.bundles``: everything that proves what happened to one case, in one file.

What a node holds of a case: its own entries, those from below under their makers' seals, the words
that went to and fro as far as their bytes are still kept, what neighbours countersigned, the
rosters with all keys, photos, and who looked. A manifest with the digest of each file is signed by
this node; a program that needs nothing of wanmi checks it (``node.verifier``). Who reported the
case is not in it.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import zipfile
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub import wire
from hub.ids import LinkId, Position
from hub.store import countersigns, inbox, outbox, rosters
from hub.store.tx import Writer
from node.core import audit as core
from node.core.audit import START
from node.core.errors import Invalid, UnknownCase
from node.service.audit import AuditEntry, Recorder, note
from node.service.audit_book import Signer
from node.service.canonical import canonical
from node.service.case_words import EVENTS
from node.service.folding import CaseCache, event_fields
from node.service.instants import to_time
from node.service.ports import Codec, Row
from node.service.surroundings import uuid_bytes

FORMAT: Final = 1
SIGNED_WITH: Final = b"wanmi/evidence/1\0"
"""Goes before the manifest into its signature, so that it can be mistaken for nothing else."""
ENTRIES_MAX: Final = 10_000
"""Entries of one case, ours and from below."""
AUDIT_MAX: Final = 5_000
HEADERS_MAX: Final = 2_000
"""Headers of other words that lead from a word of the case to the next countersign."""
TAKEN: Final = "ExportEvidence"
README: Final = """证据包 {case_no}（{case_id}）
出包节点 {node}，{taken_at}

内容：
  file.html        案卷，给人看
  entries/         每个节点的办理记录，按节点、分支、版本
  traces/          下级记录的原始签名封
  words/           本节点与上下级之间关于本案的报文（仍保存着的）
  countersigns/    对方“已收妥”的会签；headers/ 为其间报文的信封头
  rosters/         带全部签名密钥的名册，由根密钥签名
  photos/          照片，文件名即摘要
  audit.jsonl      本节点审计日志中关于本案的行
  manifest.json    以上每个文件的摘要；manifest.sig.json 为节点签名
  verify.py        核验程序，只需 Python 3.9 以上，不需要联网

核验：
  python3 verify.py 本文件.zip --root-key 根密钥指纹

根密钥指纹须从别处取得（根节点单位，或以前的证据包）。核验程序请优先使用从项目另行取得的同一文件。
上报人姓名、电话不在包内。

This is an evidence bundle. Check it with: python3 verify.py FILE.zip --root-key FINGERPRINT
Get the fingerprint of the root key from elsewhere. Who reported the case is not in it.
"""


class BundleStore(Protocol):
    """What is read of the office's own tables (``node.store.bundles``)."""

    def own_entries(self, conn: Connection, case_id: str, limit: int) -> Sequence[Row]: ...

    def traces(self, conn: Connection, case_id: str, limit: int) -> Sequence[Row]: ...

    def audit_rows(self, conn: Connection, subject: str, limit: int) -> Sequence[Row]: ...


class Cases(Protocol):
    """The case itself (``node.store``)."""

    def load_cases(self, conn: Connection, case_ids: Collection[str]) -> Mapping[str, Any]: ...


class Links(Protocol):
    """Chain values of the audit log (``node.store.audit``)."""

    def link_at(self, conn: Connection, n: int) -> bytes | None: ...

    def heads(self, conn: Connection) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKey:
    """The public key that every roster is signed by."""

    key_id: str
    alg: str
    public: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A bundle, in a file that whoever asked for it deletes. ``fingerprint`` of the root key."""

    path: Path
    name: str
    entries: int
    photos: int
    fingerprint: str


@dataclass(slots=True)
class _Found:
    """What one look at the database found."""

    case_no: str
    files: dict[str, bytes]
    photos: set[str]
    entries: int
    events: dict[str, str]
    """What each kind of entry is called in Chinese."""


class Bundles:
    """Bundles of one office. ``photo``: the file of a photo that is here; ``page``: the case as a
    page; ``verifier``: the program that checks; all three may take their time."""

    def __init__(
        self, *, node: str, store: BundleStore, cases: Cases, links: Links, codec: Codec,
        writer: Writer, audit: Recorder, seal: Signer | None, root_key: Callable[[], RootKey],
        photo: Callable[[str], Awaitable[tuple[Path, str] | None]],
        page: Callable[[str], Awaitable[bytes]], verifier: Callable[[], bytes],
        takers: tuple[str, ...], folder: Path, now_us: Callable[[], int],
    ) -> None:
        self._node = node
        self._store = store
        self._cases = cases
        self._links = links
        self._codec = codec
        self._writer = writer
        self._audit = audit
        self._seal = seal
        self._root_key = root_key
        self._photo = photo
        self._page = page
        self._verifier = verifier
        self._takers = takers
        self._folder = folder
        self._now_us = now_us

    async def make(
        self, case_id: str, *, reason: str, actor: str, roles: frozenset[str]
    ) -> Made:
        """Put a bundle together; that it was is recorded before. ``UnknownCase``;
        ``NotPermitted`` (``evidence.role``); ``Invalid``: ``evidence.reason``,
        ``dossier.too_long``."""
        core.permit(roles, self._takers, code="evidence.role")
        if not reason.strip():
            raise Invalid("taking evidence out takes a reason", code="evidence.reason",
                          field="reason")
        await self._writer.read(lambda conn: self._case_no(conn, case_id))  # is there one
        await note(self._writer, self._audit, AuditEntry(
            action=TAKEN, actor=actor, subject=f"case:{case_id}", reason=reason.strip()))
        page = await self._page(case_id)
        found = await self._writer.read(lambda conn: self._look(conn, case_id))
        taken_at = to_time(self._now_us()).isoformat(timespec="seconds")
        root = await asyncio.to_thread(self._root_key)
        found.files |= {
            "file.html": page,
            "verify.py": await asyncio.to_thread(self._verifier),
            "README.txt": README.format(
                case_no=found.case_no, case_id=case_id, node=self._node,
                taken_at=taken_at).encode(),
        }
        photos = {digest: await self._photo(digest) for digest in sorted(found.photos)}
        manifest = {
            "format": FORMAT, "node": self._node, "case_id": case_id, "case_no": found.case_no,
            "events": found.events, "taken_at": taken_at, "by": actor, "reason": reason.strip(),
            "root_key": {
                "key_id": root.key_id, "alg": root.alg, "public": root.public.hex()},
            "missing_photos": [digest for digest, file in photos.items() if file is None],
        }
        here = {digest: file[0] for digest, file in photos.items() if file is not None}
        path = await asyncio.to_thread(self._write, manifest, found.files, here)
        return Made(
            path=path, name=f"evidence-{found.case_no or case_id}.zip", entries=found.entries,
            photos=len(here), fingerprint=sha256(root.public).hexdigest())

    # --- reading ------------------------------------------------------------------------------

    def _case_no(self, conn: Connection, case_id: str) -> str:
        row = self._cases.load_cases(conn, [case_id]).get(case_id)
        if row is None:
            raise UnknownCase(f"there is no case {case_id} here", case_id=case_id)
        facts = CaseCache(1).read(case_id, row.state).facts
        return facts.case_no if facts is not None else ""

    def _look(self, conn: Connection, case_id: str) -> _Found:
        found = _Found(self._case_no(conn, case_id), {}, set(), 0, {})
        own = self._store.own_entries(conn, case_id, ENTRIES_MAX + 1)
        below = self._store.traces(conn, case_id, ENTRIES_MAX + 1)
        if len(own) + len(below) > ENTRIES_MAX:
            raise Invalid(f"a bundle holds {ENTRIES_MAX} entries at most", code="dossier.too_long")
        for row in own:
            self._entry(found, self._node, row)
        for row in below:
            self._entry(found, row["node"], row)
            place = f"{row['node']}/{row['branch']}-{row['version']}"
            found.files[f"traces/{place}.sealed"] = bytes(row["sealed"])
        self._words(conn, found, case_id, own, below)
        found.files |= {
            f"rosters/{serial}.bin": signed for serial, signed in rosters.kept(conn)}
        found.files["keys.json"] = canonical_list([
            {"key_id": key.key_id, "node": key.node, "alg": key.alg, "public": key.public.hex(),
             "from": key.valid_from_us, "to": key.valid_to_us,
             "revoked": key.revoked_from_us or 0}
            for key in rosters.enrolled_keys(conn)])
        self._audit_rows(conn, found, case_id)
        return found

    def _entry(self, found: _Found, node: str, row: Row) -> None:
        raw = bytes(row["entry"])
        found.files[f"entries/{node}/{row['branch']}-{row['version']}.entry"] = raw
        found.entries += 1
        entry = self._codec.read_entry(raw)
        found.events[entry.event_type] = EVENTS.get(entry.event_type, entry.event_type)
        fields = event_fields(entry.event)
        facts = fields.get("facts") or {}
        found.photos.update(
            photo["digest"] for photo in (*facts.get("photos", ()), *fields.get("photos", ())))

    def _words(
        self, conn: Connection, found: _Found, case_id: str, own: Sequence[Row],
        below: Sequence[Row],
    ) -> None:
        """Sealed words about the case that are still kept, and the countersigns over ours."""
        sent = [bytes(msg) for msg in (
            *(row["trace_msg"] for row in own), *(row["relay_msg"] for row in below)) if msg]
        ours = outbox.about(conn, uuid_bytes(case_id), sent)
        causes = sorted({uuid_bytes(row["cause"]) for row in own if row["cause"]})
        for way, words in (("out", ours), ("in", inbox.named(conn, causes))):
            for link, at, sealed in words:
                found.files[f"words/{link}/{way}-{at.epoch}-{at.seq}.sealed"] = sealed
        held = {(link, at) for link, at, _ in ours}
        for link, at in sorted(held):
            self._covered(conn, found, link, at, held)

    @staticmethod
    def _covered(
        conn: Connection, found: _Found, link: LinkId, at: Position,
        held: Collection[tuple[LinkId, Position]],
    ) -> None:
        """The countersign over a word with the headers that lead to it, if all of them are still
        here: the bodies of other cases are nobody's affair."""
        signed = countersigns.covering(conn, link, at)
        if signed is None or signed[0].seq - at.seq > HEADERS_MAX:
            return
        end, statement = signed
        between = outbox.sealed_between(conn, link, at.epoch, at.seq, end.seq)
        if len(between) != end.seq - at.seq + 1:
            return
        found.files[f"countersigns/{link}/{end.epoch}-{end.seq}.bin"] = statement
        for seq, sealed in between:
            if (link, Position(at.epoch, seq)) not in held:
                head, _, _ = wire.sealed_parts(sealed)
                found.files[f"headers/{link}/{at.epoch}-{seq}.bin"] = head

    def _audit_rows(self, conn: Connection, found: _Found, case_id: str) -> None:
        lines = []
        floors = {row["n"]: bytes(row["chain"]) for row in self._links.heads(conn)}
        for row in self._store.audit_rows(conn, f"case:{case_id}", AUDIT_MAX):
            n = row["n"]
            before = START if n == 1 else (self._links.link_at(conn, n - 1) or floors.get(n - 1))
            if before is not None:
                lines.append(canonical({
                    **row, "chain": bytes(row["chain"]).hex(), "before": before.hex()}))
        found.files["audit.jsonl"] = b"".join(line + b"\n" for line in lines)

    # --- writing ------------------------------------------------------------------------------

    def _write(
        self, manifest: dict[str, Any], files: Mapping[str, bytes], photos: Mapping[str, Path]
    ) -> Path:
        """The zip, at a name of its own; entries in the order of their names."""
        seal = self._seal
        if seal is None:
            raise Invalid("this node has no key to sign with", code="evidence.unsigned")
        handle, name = tempfile.mkstemp(prefix="evidence-", suffix=".zip", dir=self._folder)
        path = Path(name)
        try:
            with open(handle, "wb") as out, zipfile.ZipFile(
                    out, "w", zipfile.ZIP_DEFLATED) as bundle:
                listed = []
                for inside, data in sorted(files.items()):
                    bundle.writestr(inside, data)
                    listed.append({"path": inside, "bytes": len(data),
                                   "sha256": sha256(data).hexdigest()})
                for digest, file in photos.items():
                    data = file.read_bytes()
                    bundle.writestr(f"photos/{digest}{file.suffix}", data, zipfile.ZIP_STORED)
                    listed.append({"path": f"photos/{digest}{file.suffix}", "bytes": len(data),
                                   "sha256": sha256(data).hexdigest()})
                raw = canonical({**manifest, "files": listed})
                bundle.writestr("manifest.json", raw)
                bundle.writestr("manifest.sig.json", canonical({
                    "alg": seal.alg, "key_id": seal.key_id,
                    "signature": seal.sign(SIGNED_WITH + raw).hex()}))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path


def canonical_list(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Documents in their one form, as a list."""
    return json.dumps(
        list(rows), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
