from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Category(_message.Message):
    __slots__ = ("standard_ref", "kind", "code", "name", "condition_no")
    STANDARD_REF_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONDITION_NO_FIELD_NUMBER: _ClassVar[int]
    standard_ref: str
    kind: str
    code: str
    name: str
    condition_no: int
    def __init__(self, standard_ref: _Optional[str] = ..., kind: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., condition_no: _Optional[int] = ...) -> None: ...

class Place(_message.Message):
    __slots__ = ("area", "address", "lon", "lat", "crs", "grid", "original_x", "original_y", "original_crs")
    AREA_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    LON_FIELD_NUMBER: _ClassVar[int]
    LAT_FIELD_NUMBER: _ClassVar[int]
    CRS_FIELD_NUMBER: _ClassVar[int]
    GRID_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_X_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_Y_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_CRS_FIELD_NUMBER: _ClassVar[int]
    area: str
    address: str
    lon: float
    lat: float
    crs: str
    grid: str
    original_x: float
    original_y: float
    original_crs: str
    def __init__(self, area: _Optional[str] = ..., address: _Optional[str] = ..., lon: _Optional[float] = ..., lat: _Optional[float] = ..., crs: _Optional[str] = ..., grid: _Optional[str] = ..., original_x: _Optional[float] = ..., original_y: _Optional[float] = ..., original_crs: _Optional[str] = ...) -> None: ...

class Photo(_message.Message):
    __slots__ = ("digest", "size", "media_type", "role", "caption")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CAPTION_FIELD_NUMBER: _ClassVar[int]
    digest: bytes
    size: int
    media_type: str
    role: str
    caption: str
    def __init__(self, digest: _Optional[bytes] = ..., size: _Optional[int] = ..., media_type: _Optional[str] = ..., role: _Optional[str] = ..., caption: _Optional[str] = ...) -> None: ...

class Facts(_message.Message):
    __slots__ = ("case_no", "filing_node", "category", "place", "text", "urgent", "source", "reported_at_us", "photos", "component", "source_details", "part_of", "part_role", "reopens", "closing", "wanted", "origin", "borders")
    CASE_NO_FIELD_NUMBER: _ClassVar[int]
    FILING_NODE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    URGENT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REPORTED_AT_US_FIELD_NUMBER: _ClassVar[int]
    PHOTOS_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DETAILS_FIELD_NUMBER: _ClassVar[int]
    PART_OF_FIELD_NUMBER: _ClassVar[int]
    PART_ROLE_FIELD_NUMBER: _ClassVar[int]
    REOPENS_FIELD_NUMBER: _ClassVar[int]
    CLOSING_FIELD_NUMBER: _ClassVar[int]
    WANTED_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    BORDERS_FIELD_NUMBER: _ClassVar[int]
    case_no: str
    filing_node: str
    category: Category
    place: Place
    text: str
    urgent: bool
    source: str
    reported_at_us: int
    photos: _containers.RepeatedCompositeFieldContainer[Photo]
    component: str
    source_details: _containers.RepeatedCompositeFieldContainer[Detail]
    part_of: str
    part_role: str
    reopens: str
    closing: str
    wanted: Wanted
    origin: Origin
    borders: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, case_no: _Optional[str] = ..., filing_node: _Optional[str] = ..., category: _Optional[_Union[Category, _Mapping]] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., text: _Optional[str] = ..., urgent: _Optional[bool] = ..., source: _Optional[str] = ..., reported_at_us: _Optional[int] = ..., photos: _Optional[_Iterable[_Union[Photo, _Mapping]]] = ..., component: _Optional[str] = ..., source_details: _Optional[_Iterable[_Union[Detail, _Mapping]]] = ..., part_of: _Optional[str] = ..., part_role: _Optional[str] = ..., reopens: _Optional[str] = ..., closing: _Optional[str] = ..., wanted: _Optional[_Union[Wanted, _Mapping]] = ..., origin: _Optional[_Union[Origin, _Mapping]] = ..., borders: _Optional[_Iterable[str]] = ...) -> None: ...

class Origin(_message.Message):
    __slots__ = ("node", "case_id", "case_no", "registered_by")
    NODE_FIELD_NUMBER: _ClassVar[int]
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    CASE_NO_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_BY_FIELD_NUMBER: _ClassVar[int]
    node: str
    case_id: bytes
    case_no: str
    registered_by: str
    def __init__(self, node: _Optional[str] = ..., case_id: _Optional[bytes] = ..., case_no: _Optional[str] = ..., registered_by: _Optional[str] = ...) -> None: ...

class Wanted(_message.Message):
    __slots__ = ("photos", "closing")
    PHOTOS_FIELD_NUMBER: _ClassVar[int]
    CLOSING_FIELD_NUMBER: _ClassVar[int]
    photos: _containers.RepeatedScalarFieldContainer[str]
    closing: bool
    def __init__(self, photos: _Optional[_Iterable[str]] = ..., closing: _Optional[bool] = ...) -> None: ...

class Detail(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("sign_by_us", "finish_by_us", "calendar", "starts_at_us", "warn_at_us", "count", "unit")
    SIGN_BY_US_FIELD_NUMBER: _ClassVar[int]
    FINISH_BY_US_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    STARTS_AT_US_FIELD_NUMBER: _ClassVar[int]
    WARN_AT_US_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    sign_by_us: int
    finish_by_us: int
    calendar: str
    starts_at_us: int
    warn_at_us: int
    count: int
    unit: str
    def __init__(self, sign_by_us: _Optional[int] = ..., finish_by_us: _Optional[int] = ..., calendar: _Optional[str] = ..., starts_at_us: _Optional[int] = ..., warn_at_us: _Optional[int] = ..., count: _Optional[int] = ..., unit: _Optional[str] = ...) -> None: ...

class Order(_message.Message):
    __slots__ = ("case_id", "assignment_id", "generation", "limits", "facts", "text")
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    case_id: bytes
    assignment_id: bytes
    generation: int
    limits: Limits
    facts: Facts
    text: str
    def __init__(self, case_id: _Optional[bytes] = ..., assignment_id: _Optional[bytes] = ..., generation: _Optional[int] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., facts: _Optional[_Union[Facts, _Mapping]] = ..., text: _Optional[str] = ...) -> None: ...

class Directive(_message.Message):
    __slots__ = ("case_id", "assignment_id", "generation", "text", "withdraw", "press", "supervise", "decision", "verdict", "resume", "told")
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_FIELD_NUMBER: _ClassVar[int]
    PRESS_FIELD_NUMBER: _ClassVar[int]
    SUPERVISE_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    RESUME_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    case_id: bytes
    assignment_id: bytes
    generation: int
    text: str
    withdraw: Withdraw
    press: Press
    supervise: Supervise
    decision: Decision
    verdict: Verdict
    resume: Resume
    told: Told
    def __init__(self, case_id: _Optional[bytes] = ..., assignment_id: _Optional[bytes] = ..., generation: _Optional[int] = ..., text: _Optional[str] = ..., withdraw: _Optional[_Union[Withdraw, _Mapping]] = ..., press: _Optional[_Union[Press, _Mapping]] = ..., supervise: _Optional[_Union[Supervise, _Mapping]] = ..., decision: _Optional[_Union[Decision, _Mapping]] = ..., verdict: _Optional[_Union[Verdict, _Mapping]] = ..., resume: _Optional[_Union[Resume, _Mapping]] = ..., told: _Optional[_Union[Told, _Mapping]] = ...) -> None: ...

class Withdraw(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class Press(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Supervise(_message.Message):
    __slots__ = ("supervision_id", "reply_by_us", "kind")
    SUPERVISION_ID_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_US_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    supervision_id: bytes
    reply_by_us: int
    kind: str
    def __init__(self, supervision_id: _Optional[bytes] = ..., reply_by_us: _Optional[int] = ..., kind: _Optional[str] = ...) -> None: ...

class Resume(_message.Message):
    __slots__ = ("request_id", "limits", "how")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    HOW_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    limits: Limits
    how: str
    def __init__(self, request_id: _Optional[bytes] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., how: _Optional[str] = ...) -> None: ...

class Told(_message.Message):
    __slots__ = ("outcome", "case_no", "reason_code", "by")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[Told.Outcome]
        OUTCOME_REGISTERED: _ClassVar[Told.Outcome]
        OUTCOME_ACCEPTED: _ClassVar[Told.Outcome]
        OUTCOME_FILED: _ClassVar[Told.Outcome]
        OUTCOME_TAKEN_BACK: _ClassVar[Told.Outcome]
        OUTCOME_NOT_ACCEPTED: _ClassVar[Told.Outcome]
        OUTCOME_NOT_FILED: _ClassVar[Told.Outcome]
        OUTCOME_CLOSED: _ClassVar[Told.Outcome]
        OUTCOME_VOIDED: _ClassVar[Told.Outcome]
    OUTCOME_UNSPECIFIED: Told.Outcome
    OUTCOME_REGISTERED: Told.Outcome
    OUTCOME_ACCEPTED: Told.Outcome
    OUTCOME_FILED: Told.Outcome
    OUTCOME_TAKEN_BACK: Told.Outcome
    OUTCOME_NOT_ACCEPTED: Told.Outcome
    OUTCOME_NOT_FILED: Told.Outcome
    OUTCOME_CLOSED: Told.Outcome
    OUTCOME_VOIDED: Told.Outcome
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CASE_NO_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    outcome: Told.Outcome
    case_no: str
    reason_code: str
    by: str
    def __init__(self, outcome: _Optional[_Union[Told.Outcome, str]] = ..., case_no: _Optional[str] = ..., reason_code: _Optional[str] = ..., by: _Optional[str] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("request_id", "granted", "limits", "until_us", "decider", "lead", "assistants", "problem_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GRANTED_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    DECIDER_FIELD_NUMBER: _ClassVar[int]
    LEAD_FIELD_NUMBER: _ClassVar[int]
    ASSISTANTS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    granted: bool
    limits: Limits
    until_us: int
    decider: str
    lead: str
    assistants: _containers.RepeatedScalarFieldContainer[str]
    problem_id: str
    def __init__(self, request_id: _Optional[bytes] = ..., granted: _Optional[bool] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., until_us: _Optional[int] = ..., decider: _Optional[str] = ..., lead: _Optional[str] = ..., assistants: _Optional[_Iterable[str]] = ..., problem_id: _Optional[str] = ...) -> None: ...

class Verdict(_message.Message):
    __slots__ = ("kind", "next_generation", "limits")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Verdict.Kind]
        KIND_REWORK: _ClassVar[Verdict.Kind]
        KIND_CLOSED: _ClassVar[Verdict.Kind]
    KIND_UNSPECIFIED: Verdict.Kind
    KIND_REWORK: Verdict.Kind
    KIND_CLOSED: Verdict.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    NEXT_GENERATION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    kind: Verdict.Kind
    next_generation: int
    limits: Limits
    def __init__(self, kind: _Optional[_Union[Verdict.Kind, str]] = ..., next_generation: _Optional[int] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("case_id", "assignment_id", "generation", "text", "signed", "progress", "done", "request", "reply", "trace", "submitted", "recalled")
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    TRACE_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_FIELD_NUMBER: _ClassVar[int]
    RECALLED_FIELD_NUMBER: _ClassVar[int]
    case_id: bytes
    assignment_id: bytes
    generation: int
    text: str
    signed: Signed
    progress: Progress
    done: Done
    request: Request
    reply: Reply
    trace: JournalEntry
    submitted: Submitted
    recalled: Recalled
    def __init__(self, case_id: _Optional[bytes] = ..., assignment_id: _Optional[bytes] = ..., generation: _Optional[int] = ..., text: _Optional[str] = ..., signed: _Optional[_Union[Signed, _Mapping]] = ..., progress: _Optional[_Union[Progress, _Mapping]] = ..., done: _Optional[_Union[Done, _Mapping]] = ..., request: _Optional[_Union[Request, _Mapping]] = ..., reply: _Optional[_Union[Reply, _Mapping]] = ..., trace: _Optional[_Union[JournalEntry, _Mapping]] = ..., submitted: _Optional[_Union[Submitted, _Mapping]] = ..., recalled: _Optional[_Union[Recalled, _Mapping]] = ...) -> None: ...

class Signed(_message.Message):
    __slots__ = ("unit_reference",)
    UNIT_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    unit_reference: str
    def __init__(self, unit_reference: _Optional[str] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Done(_message.Message):
    __slots__ = ("result", "photos", "closing")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    PHOTOS_FIELD_NUMBER: _ClassVar[int]
    CLOSING_FIELD_NUMBER: _ClassVar[int]
    result: str
    photos: _containers.RepeatedCompositeFieldContainer[Photo]
    closing: str
    def __init__(self, result: _Optional[str] = ..., photos: _Optional[_Iterable[_Union[Photo, _Mapping]]] = ..., closing: _Optional[str] = ...) -> None: ...

class Request(_message.Message):
    __slots__ = ("request_id", "kind", "reason_code", "asker", "wanted_until_us", "photos", "ordinal", "level", "size", "problem_id", "rule")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Request.Kind]
        KIND_RETURN: _ClassVar[Request.Kind]
        KIND_EXTENSION: _ClassVar[Request.Kind]
        KIND_SUSPENSION: _ClassVar[Request.Kind]
        KIND_VOID: _ClassVar[Request.Kind]
        KIND_APPEAL: _ClassVar[Request.Kind]
        KIND_DISPUTE: _ClassVar[Request.Kind]
        KIND_COORDINATION: _ClassVar[Request.Kind]
    KIND_UNSPECIFIED: Request.Kind
    KIND_RETURN: Request.Kind
    KIND_EXTENSION: Request.Kind
    KIND_SUSPENSION: Request.Kind
    KIND_VOID: Request.Kind
    KIND_APPEAL: Request.Kind
    KIND_DISPUTE: Request.Kind
    KIND_COORDINATION: Request.Kind
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    ASKER_FIELD_NUMBER: _ClassVar[int]
    WANTED_UNTIL_US_FIELD_NUMBER: _ClassVar[int]
    PHOTOS_FIELD_NUMBER: _ClassVar[int]
    ORDINAL_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    request_id: bytes
    kind: Request.Kind
    reason_code: str
    asker: str
    wanted_until_us: int
    photos: _containers.RepeatedCompositeFieldContainer[Photo]
    ordinal: int
    level: str
    size: str
    problem_id: str
    rule: str
    def __init__(self, request_id: _Optional[bytes] = ..., kind: _Optional[_Union[Request.Kind, str]] = ..., reason_code: _Optional[str] = ..., asker: _Optional[str] = ..., wanted_until_us: _Optional[int] = ..., photos: _Optional[_Iterable[_Union[Photo, _Mapping]]] = ..., ordinal: _Optional[int] = ..., level: _Optional[str] = ..., size: _Optional[str] = ..., problem_id: _Optional[str] = ..., rule: _Optional[str] = ...) -> None: ...

class Reply(_message.Message):
    __slots__ = ("supervision_id",)
    SUPERVISION_ID_FIELD_NUMBER: _ClassVar[int]
    supervision_id: bytes
    def __init__(self, supervision_id: _Optional[bytes] = ...) -> None: ...

class Submitted(_message.Message):
    __slots__ = ("facts",)
    FACTS_FIELD_NUMBER: _ClassVar[int]
    facts: Facts
    def __init__(self, facts: _Optional[_Union[Facts, _Mapping]] = ...) -> None: ...

class Recalled(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class JournalEntry(_message.Message):
    __slots__ = ("node", "case_id", "branch", "version", "generation", "occurred_at_us", "hlc", "actor", "cause", "part", "event_type", "event")
    NODE_FIELD_NUMBER: _ClassVar[int]
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_US_FIELD_NUMBER: _ClassVar[int]
    HLC_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    node: str
    case_id: bytes
    branch: int
    version: int
    generation: int
    occurred_at_us: int
    hlc: int
    actor: str
    cause: bytes
    part: int
    event_type: str
    event: bytes
    def __init__(self, node: _Optional[str] = ..., case_id: _Optional[bytes] = ..., branch: _Optional[int] = ..., version: _Optional[int] = ..., generation: _Optional[int] = ..., occurred_at_us: _Optional[int] = ..., hlc: _Optional[int] = ..., actor: _Optional[str] = ..., cause: _Optional[bytes] = ..., part: _Optional[int] = ..., event_type: _Optional[str] = ..., event: _Optional[bytes] = ...) -> None: ...

class StockSheet(_message.Message):
    __slots__ = ("node", "period", "version", "document")
    NODE_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    node: str
    period: str
    version: int
    document: bytes
    def __init__(self, node: _Optional[str] = ..., period: _Optional[str] = ..., version: _Optional[int] = ..., document: _Optional[bytes] = ...) -> None: ...
