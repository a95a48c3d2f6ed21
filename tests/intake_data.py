"""Sources and conditions for tests of the core: small, but each rule is there once."""

from __future__ import annotations

from node.core.codes import LAYOUTS, ClassKey
from node.core.facts import Category, Photo, PhotoRole, TimeLimit, TimeUnit
from node.core.sources import Detail, Source, Sources, Verify
from node.core.standards import Catalog, ClassEntry, Condition, Content, Edition

CATEGORY = Category(
    standard_ref="GB/T 47678.5-2026", kind="matter", code="01001", name="供水井盖异常"
)

PATROL = Source(
    code="collector", zh="采集员巡查", en="collector patrol",
    details=(
        Detail(key="collector", zh="采集员", en="collector", required=True),
        Detail(key="beat", zh="责任网格", en="beat", required=False),
    ),
    photos=(PhotoRole.NEAR, PhotoRole.FAR), verify=Verify.NONE,
)
HOTLINE = Source(
    code="hotline", zh="12319热线", en="hotline", verify=Verify.REQUIRED, public=True,
    result_to="reporter",
)
MEDIA = Source(
    code="media", zh="媒体曝光", en="media",
    details=(
        Detail(key="outlet", zh="媒体名称", en="outlet", required=True),
        Detail(key="link", zh="报道链接", en="link", required=True),
    ),
    verify=Verify.OPTIONAL, result_to="outlet", reference="link",
)
SOURCES = Sources(version="test", rows={one.code: one for one in (PATROL, HOTLINE, MEDIA)})


def catalog(*conditions: Condition) -> Catalog:
    """The class of the tests with these conditions, in force as version 3."""
    key = ClassKey(standard_ref=CATEGORY.standard_ref, kind=CATEGORY.kind, code=CATEGORY.code)
    edition = Edition(standard_ref=key.standard_ref, version=3, layout=LAYOUTS[key.standard_ref],
                      approved=True)
    content = Content(classes={key: ClassEntry(key=key, name=CATEGORY.name)},
                      conditions={key: conditions} if conditions else {})
    return Catalog([edition], {(key.standard_ref, 3): content})


def _condition(number: int, filing: str, closing: str, limit: TimeLimit) -> Condition:
    key = ClassKey(standard_ref=CATEGORY.standard_ref, kind=CATEGORY.kind, code=CATEGORY.code)
    return Condition(key=key, number=number, filing=filing, closing=closing, limit=limit)


CONDITIONS = (
    _condition(1, "缺失", "恢复", TimeLimit(value=2, unit=TimeUnit.URGENT_HOUR)),
    _condition(2, "破损", "更换或修复", TimeLimit(value=4, unit=TimeUnit.WORK_HOUR)),
)


def photo(role: PhotoRole) -> Photo:
    return Photo(digest=role.value[:1].encode().hex() * 32, size=7, media_type="image/jpeg",
                 role=role)
