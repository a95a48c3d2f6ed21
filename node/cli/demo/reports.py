"""How the problems of the day come in: by which source, with what each source asks for.

Numbers and bodies are made up; there are no persons. A caller's telephone is all zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

WEIGHTS = {
    "collector": 70, "hotline": 9, "hotline_12345": 5, "camera": 5, "website": 3, "media": 2,
    "transfer": 2, "superior": 1, "leader": 1, "app": 1, "sensor": 1,
}
"""Most is found on patrol, as in every city with figures."""
NOBODYS_PHONE = "00000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A source with its details; ``reporter`` None = nobody left a contact."""

    source: str
    details: Mapping[str, str] = field(default_factory=dict)
    reporter: Mapping[str, Any] | None = None


def report_by(random: Random, number: int) -> Report:
    """A source drawn by its weight, with its details."""
    source = random.choices(tuple(WEIGHTS), weights=tuple(WEIGHTS.values()))[0]
    return Report(source=source, details=_details(source, random, number),
                  reporter=_reporter(source))


def _details(source: str, random: Random, number: int) -> dict[str, str]:
    match source:
        case "collector":
            return {"collector": f"C-{random.randint(1, 32):02}"}
        case "hotline":
            return {"call_no": f"T{number:05}"}
        case "hotline_12345":
            return {"order_no": f"示例{number:06}"}
        case "camera":
            return {"camera": f"K-{random.randint(1, 60):03}"}
        case "media":
            return {"outlet": "黄石日报传媒集团", "link": f"第{random.randint(1, 8)}版"}
        case "transfer":
            return {"ordering_body": "市信访局", "ordering_no": f"信转〔示例〕{number}号"}
        case "superior":
            return {"ordering_body": "省级平台", "ordering_no": f"督〔示例〕{number}号"}
        case "leader":
            return {"ordering_body": "分管市领导", "ordering_no": f"批〔示例〕{number}号"}
        case "website":
            return {"post_no": f"W{number:05}"}
        case "app":
            return {"app": "市民随手拍（示例）"}
        case _:
            return {"sensor": f"S-{random.randint(1, 40):03}", "reading": "超限"}


def _reporter(source: str) -> dict[str, Any] | None:
    if source not in ("hotline", "hotline_12345", "website", "app"):
        return None
    return {"phone": NOBODYS_PHONE, "wants_reply": True, "channel": "phone"}
