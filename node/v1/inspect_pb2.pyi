from node.v1 import words_pb2 as _words_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetCase(_message.Message):
    __slots__ = ("case_id",)
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    case_id: bytes
    def __init__(self, case_id: _Optional[bytes] = ...) -> None: ...

class CaseView(_message.Message):
    __slots__ = ("json",)
    JSON_FIELD_NUMBER: _ClassVar[int]
    json: bytes
    def __init__(self, json: _Optional[bytes] = ...) -> None: ...

class ListJournal(_message.Message):
    __slots__ = ("case_id", "after_version", "limit")
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    case_id: bytes
    after_version: int
    limit: int
    def __init__(self, case_id: _Optional[bytes] = ..., after_version: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class JournalPage(_message.Message):
    __slots__ = ("entries", "more")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_words_pb2.JournalEntry]
    more: bool
    def __init__(self, entries: _Optional[_Iterable[_Union[_words_pb2.JournalEntry, _Mapping]]] = ..., more: _Optional[bool] = ...) -> None: ...

class ListWork(_message.Message):
    __slots__ = ("status", "after", "limit")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    status: str
    after: str
    limit: int
    def __init__(self, status: _Optional[str] = ..., after: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class WorkPage(_message.Message):
    __slots__ = ("json", "next")
    JSON_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    json: bytes
    next: str
    def __init__(self, json: _Optional[bytes] = ..., next: _Optional[str] = ...) -> None: ...

class StandardInUse(_message.Message):
    __slots__ = ("standard_ref", "version", "digest")
    STANDARD_REF_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    standard_ref: str
    version: int
    digest: str
    def __init__(self, standard_ref: _Optional[str] = ..., version: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class CompareStandards(_message.Message):
    __slots__ = ("in_use",)
    IN_USE_FIELD_NUMBER: _ClassVar[int]
    in_use: _containers.RepeatedCompositeFieldContainer[StandardInUse]
    def __init__(self, in_use: _Optional[_Iterable[_Union[StandardInUse, _Mapping]]] = ...) -> None: ...

class StandardsView(_message.Message):
    __slots__ = ("in_use",)
    IN_USE_FIELD_NUMBER: _ClassVar[int]
    in_use: _containers.RepeatedCompositeFieldContainer[StandardInUse]
    def __init__(self, in_use: _Optional[_Iterable[_Union[StandardInUse, _Mapping]]] = ...) -> None: ...

class ReadDataset(_message.Message):
    __slots__ = ("dataset", "after", "limit")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    after: str
    limit: int
    def __init__(self, dataset: _Optional[str] = ..., after: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class DatasetPage(_message.Message):
    __slots__ = ("json", "next", "sharing")
    JSON_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    SHARING_FIELD_NUMBER: _ClassVar[int]
    json: bytes
    next: str
    sharing: str
    def __init__(self, json: _Optional[bytes] = ..., next: _Optional[str] = ..., sharing: _Optional[str] = ...) -> None: ...
