"""The wire contract: committed stubs are fresh, and no change breaks a reader in the field.

``golden/descriptors.binpb`` is the contract as it was last released. Fields may be added; nothing
that is there may change its name, number, type, label or oneof, and what is removed must be
reserved (compatibility at the level protobuf tooling calls WIRE_JSON).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorSet,
)

from tests.wire.stubs import ROOT, descriptors, generate

RELEASED = Path(__file__).parent / "golden" / "descriptors.binpb"


def test_committed_stubs_are_fresh(tmp_path: Path) -> None:
    generate(tmp_path)
    made = sorted(tmp_path.rglob("*_pb2*"))
    assert made
    for fresh in made:
        committed = ROOT / fresh.relative_to(tmp_path)
        assert committed.exists(), f"run make proto: {committed.name} is not committed"
        assert fresh.read_text() == committed.read_text(), f"run make proto: {committed.name}"
    committed_names = {path.name for folder in ("hub/v1", "node/v1")
                       for path in (ROOT / folder).glob("*_pb2*")}
    assert {path.name for path in made} == committed_names


def test_no_change_breaks_the_released_contract() -> None:
    released = FileDescriptorSet.FromString(RELEASED.read_bytes())
    current = FileDescriptorSet.FromString(descriptors())
    assert [] == list(breaks(released, current))


def test_every_kind_of_breaking_change_is_noticed() -> None:
    """The check itself has teeth: each harmful edit of today's contract is reported."""
    released = FileDescriptorSet.FromString(descriptors())

    def edited(edit: str) -> FileDescriptorSet:
        changed = FileDescriptorSet()
        changed.CopyFrom(released)
        file = next(f for f in changed.file if f.name == "node/v1/words.proto")
        order = next(m for m in file.message_type if m.name == "Order")
        field = order.field[0]
        if edit == "renumber":
            field.number = 90
        elif edit == "retype":
            field.type = field.TYPE_STRING
        elif edit == "rename":
            field.name = "other"
        elif edit == "repeat":
            field.label = field.LABEL_REPEATED
        elif edit == "remove field":
            del order.field[0]
        elif edit == "remove message":
            file.message_type.remove(order)
        elif edit == "remove file":
            changed.file.remove(file)
        elif edit == "change enum":
            verdict = next(m for m in file.message_type if m.name == "Verdict")
            verdict.enum_type[0].value[1].number = 9
        elif edit == "leave oneof":
            report = next(m for m in file.message_type if m.name == "Report")
            next(f for f in report.field if f.name == "done").ClearField("oneof_index")
        return changed

    for edit in ("renumber", "retype", "rename", "repeat", "remove field", "remove message",
                 "remove file", "change enum", "leave oneof"):
        assert list(breaks(released, edited(edit))), edit

    added = FileDescriptorSet()
    added.CopyFrom(released)
    order = next(m for f in added.file for m in f.message_type if m.name == "Order")
    order.field.add(name="fresh", number=99, type=9, label=1)
    assert not list(breaks(released, added)), "adding a field is no break"

    reserved = edited("remove field")
    order = next(m for f in reserved.file for m in f.message_type if m.name == "Order")
    order.reserved_name.append("case_id")
    order.reserved_range.add(start=1, end=2)
    assert not list(breaks(released, reserved)), "a reserved removal is no break"


def breaks(old: FileDescriptorSet, new: FileDescriptorSet) -> Iterator[str]:
    """One line per way in which a reader or writer of ``old`` would misread ``new``."""
    files = {file.name: file for file in new.file}
    for file in old.file:
        if file.name not in files:
            yield f"{file.name} is gone"
            continue
        now = files[file.name]
        yield from _messages(file.name, file.message_type, now.message_type)
        yield from _enums(file.name, file.enum_type, now.enum_type)
        methods = {(s.name, m.name): m for s in now.service for m in s.method}
        for service in file.service:
            for method in service.method:
                if methods.get((service.name, method.name)) != method:
                    yield f"{file.name}: method {service.name}.{method.name} changed"


def _messages(where: str, old: object, new: object) -> Iterator[str]:
    there: dict[str, DescriptorProto] = {m.name: m for m in new}  # type: ignore[attr-defined]
    for message in old:  # type: ignore[attr-defined]
        path = f"{where}:{message.name}"
        if message.name not in there:
            yield f"{path} is gone"
            continue
        now = there[message.name]
        yield from _fields(path, message, now)
        yield from _messages(path, message.nested_type, now.nested_type)
        yield from _enums(path, message.enum_type, now.enum_type)


def _fields(path: str, old: DescriptorProto, new: DescriptorProto) -> Iterator[str]:
    numbers = {field.number: field for field in new.field}
    for field in old.field:
        now = numbers.get(field.number)
        if now is None:
            reserved = field.name in new.reserved_name and any(
                r.start <= field.number < r.end for r in new.reserved_range)
            if not reserved:
                yield f"{path}.{field.name} removed without being reserved"
            continue
        same = (now.name == field.name and now.type == field.type and now.label == field.label
                and now.type_name == field.type_name)
        if not same:
            yield f"{path}.{field.name} changed"
        if _oneof(old, field) != _oneof(new, now):
            yield f"{path}.{field.name} moved between oneofs"


def _oneof(message: DescriptorProto, field: object) -> str:
    if not field.HasField("oneof_index"):  # type: ignore[attr-defined]
        return ""
    return message.oneof_decl[field.oneof_index].name  # type: ignore[attr-defined]


def _enums(where: str, old: object, new: object) -> Iterator[str]:
    there: dict[str, EnumDescriptorProto] = {e.name: e for e in new}  # type: ignore[attr-defined]
    for enum in old:  # type: ignore[attr-defined]
        if enum.name not in there:
            yield f"{where}:{enum.name} is gone"
            continue
        now = {value.name: value.number for value in there[enum.name].value}
        for value in enum.value:
            if now.get(value.name) != value.number:
                yield f"{where}:{enum.name}.{value.name} changed"


