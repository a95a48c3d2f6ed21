"""Whatever bytes arrive: a decoder reads them or refuses them by the name of its refusal, in time.

Real messages are bent byte by byte, since noise alone never gets past the first field; texts are
nested, repeated and cut. What is not a named refusal (an index, a recursion, an encoding) fails.
"""

from __future__ import annotations

import contextlib
import io
import json
import time
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.contract import MappingError, UnitUnreadable
from adapters.manifest import ManifestError, load_adapter
from adapters.mapping_file import load_mapping
from hub import wire
from hub.ask import messages as ask
from hub.blobs import messages as blob
from hub.enrol.invitation import Invitation
from hub.envelope import MsgId
from hub.errors import FabricError
from hub.ids import LinkId
from hub.roster import claims, roster
from hub.roster.documents import JoinRequest, Kit
from node.core.errors import Refused
from node.edge.codec import DIRECTIVE, ORDER, REPORT, STOCK, WordCodec
from node.service.imports.sheet import Unreadable, read_sheet
from tests.wire.goldens import FOLDER

LINK = LinkId("420200-420203")
EACH_S = 2.0
"""One reading, on a busy machine; a decoder that goes over bytes again and again takes minutes."""
GOLDEN = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.bin"))}
BODIES = [bytes.fromhex(one["body"]) for one in json.loads(
    (FOLDER / "index.json").read_text()).values() if one["kind"] == "envelope"]
MESSAGES = [*GOLDEN.values(), *BODIES]
QUICK = settings(max_examples=120, deadline=None,
                 suppress_health_check=[HealthCheck.function_scoped_fixture])
CODEC = WordCodec()


@st.composite
def bent(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A real message with some bytes changed, doubled, cut or slipped in; sometimes mere noise."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        what = draw(st.sampled_from(("set", "cut", "put", "twice")))
        if what == "set" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif what == "cut":
            del data[at : at + draw(st.integers(1, 9))]
        elif what == "put":
            data[at:at] = draw(st.binary(max_size=6) | st.sampled_from((
                b"\xff" * 10, b"\x80" * 12, b"\xed\xa0\x80", b"\x0b" * 400, b"\x00")))
        else:
            data += data[at:]
    return draw(st.just(bytes(data)) | st.binary(max_size=80))


READERS: dict[str, tuple[Callable[[bytes], object], tuple[type[Exception], ...]]] = {
    "message": (wire.message_from, (FabricError,)),
    "header": (wire.header_from, (FabricError,)),
    "envelope": (wire.sealed_parts, (FabricError,)),
    "notice": (wire.notice_from, (FabricError,)),
    "epoch": (wire.epoch_start_from, (FabricError,)),
    "signed hello": (wire.signed_hello_parts, (FabricError,)),
    "hello": (wire.hello_from, (FabricError,)),
    "draft": (lambda data: wire.draft_from(data, msg_id=MsgId(bytes(16)), lane=b"", prio=0),
              (FabricError,)),
    "bulk": (lambda data: blob.decode(LINK, data), (FabricError,)),
    "ask": (lambda data: ask.decode(LINK, data), (FabricError,)),
    "roster": (roster.decode, (FabricError,)),
    "claim": (claims._read, (FabricError,)),
    "order": (lambda data: CODEC.read(ORDER, data), (FabricError, Refused)),
    "directive": (lambda data: CODEC.read(DIRECTIVE, data), (FabricError, Refused)),
    "report": (lambda data: CODEC.read(REPORT, data), (FabricError, Refused)),
    "stock": (lambda data: CODEC.read(STOCK, data), (FabricError, Refused)),
    "entry": (CODEC.read_entry, (FabricError, Refused)),
}


@pytest.mark.parametrize("name", READERS)
def test_bent_messages_are_read_or_refused_by_name(name: str) -> None:
    read, refusals = READERS[name]

    @QUICK
    @given(bent(MESSAGES))
    def bend(data: bytes) -> None:
        begun = time.monotonic()
        with contextlib.suppress(*refusals):
            read(data)
        assert time.monotonic() - begun < EACH_S

    bend()


NESTS = ("[" * 60_000, '{"a":' * 60_000, "[" * 500 + "]" * 500, '"\\ud800"',
         "1" * 5_000, "1e999", "NaN", '{"kind":null}', "\ufeff{}", "", "\x00")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner,
                                                               max_size=4), max_leaves=12)
PAPERS: dict[str, Callable[[str], object]] = {
    "join request": JoinRequest.from_json, "kit": Kit.from_json, "invitation": Invitation.from_text,
}
FIELDS = ("kind", "version", "node", "name", "parent", "keys", "sign_key", "proof", "csr",
          "issued_at", "expires_at", "endpoints", "nkey", "certificate", "roster", "root_key")


@pytest.mark.parametrize("name", PAPERS)
def test_papers_with_senseless_fields_are_refused_by_name(name: str) -> None:
    kinds = st.sampled_from(("wanmi/join-request", "wanmi/kit", "join-request", "kit"))
    some = st.dictionaries(st.sampled_from(FIELDS), values, max_size=9)

    @QUICK
    @given(st.sampled_from(NESTS) | values.map(json.dumps) | st.tuples(some, kinds).map(
        lambda both: json.dumps({**both[0], "kind": both[1], "version": 1})) | st.text(max_size=60))
    def bend(text: str) -> None:
        with pytest.raises(FabricError):
            PAPERS[name](text)

    bend()


def packed(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["编号", "名称"])
    book.active.append([1, "井盖"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


TABLES = ["编号,名称\n1,井盖\n".encode(), "编号,名称\n1,井盖\n".encode("gb18030"),
          b'"a\n', b"\x00,\x00\n", b"\xff\xfe", b"a" * 200_000, workbook()]


@QUICK
@given(bent(TABLES), st.sampled_from(("", "gb18030", "utf-8", "utf-16", "rot13", "idna", "zlib")))
def test_bent_tables_are_read_or_refused_by_name(data: bytes, encoding: str) -> None:
    begun = time.monotonic()
    with contextlib.suppress(Unreadable):
        read_sheet(data, encoding=encoding)
    assert time.monotonic() - begun < EACH_S


LOL = '<!DOCTYPE a [<!ENTITY a "' + "x" * 1_000 + '">' + "".join(
    f'<!ENTITY {chr(98 + n)} "' + f"&{chr(97 + n)};" * 10 + '">' for n in range(9)) + "]>"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml",
                                  "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
def test_entities_that_swell_in_a_workbook_swell_nothing(part: str) -> None:
    """A text of 3 KiB that would be a terabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as whole, zipfile.ZipFile(out, "w") as bad:
        for name in whole.namelist():
            text = whole.read(name).decode()
            if name == part:
                head, _, rest = text.rpartition("?>")
                text = head + ("?>" if head else "") + LOL + rest.replace(">", ">&j;", 1)
            bad.writestr(name, text)
    begun = time.process_time()
    with pytest.raises(Unreadable):
        read_sheet(out.getvalue())
    assert time.process_time() - begun < EACH_S


ADAPTERS = Path(__file__).parents[2] / "adapters"
TOMLS = [b'id = "unit"\nkind = "rest"\nunit = "U1"\n[config]\nbase_url = "http://127.0.0.1:1"\n',
         *(path.read_bytes() for path in sorted(ADAPTERS.rglob("*.toml"))), b"a = [" * 3_000,
         b"a" + b".a" * 5_000 + b" = 1"]


words = st.sampled_from(("path", "join", "codes", "time", "field", "template", "const", "form",
                         "content", "declared", "absent", "in", "out", "zone", "key", "done"))
rules = st.dictionaries(words, values, max_size=4)
mappings = st.dictionaries(
    st.sampled_from(("codes", "times", "out", "in", "status")),
    values | st.dictionaries(words | st.sampled_from(("event_id", "photos", "status")),
                             rules | values, max_size=4))


@QUICK
@given(mappings)
def test_a_senseless_mapping_is_refused_by_name(raw: dict[str, Any]) -> None:
    with pytest.raises(MappingError):
        load_mapping(raw)


@QUICK
@given(bent(TOMLS), bent(TOMLS))
def test_a_senseless_manifest_is_refused_by_name(
    tmp_path: Path, manifest: bytes, mapping: bytes
) -> None:
    folder = tmp_path / "unit"
    folder.mkdir(exist_ok=True)
    (folder / "manifest.toml").write_bytes(manifest)
    (folder / "mapping.toml").write_bytes(mapping)
    with pytest.raises((ManifestError, MappingError)):
        load_adapter(folder)


@QUICK
@given(st.data())
def test_senseless_records_of_a_unit_are_refused_by_name(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(("rest", "file_drop")))
    mapping = load_mapping(tomllib.loads((ADAPTERS / kind / "example-mapping.toml").read_text()))
    paths = sorted({one.split(".")[0].split("[")[0] for rule in mapping.into.values()
                    for one in rule.paths})
    record = data.draw(st.dictionaries(st.sampled_from(paths) | st.text(max_size=5), values)
                       | values)
    heard, unread = mapping.read_all([record, record], source="fuzz")
    assert len(heard) + len(unread) <= 2


@QUICK
@given(bent([b'{"a": 1}', b"[1, 2]", b"[" * 50_000]))
def test_quarantined_bytes_are_read_again_or_refused_by_name(data: bytes) -> None:
    mapping = load_mapping(tomllib.loads((ADAPTERS / "rest" / "example-mapping.toml").read_text()))
    with pytest.raises(UnitUnreadable):
        mapping.reread(data)
