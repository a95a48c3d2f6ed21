"""What the doctor says of rosters and certificates, those we issued and our own."""

from __future__ import annotations

import time

from hub.roster.keeper import RosterKeeper
from hub.roster.renewing import WARN_US, Papers, Renewals
from hub.roster.roster import Freshness
from hub.store import rosters
from hub.store.rosters import CertificateRow
from hub.store.writer import GroupWriter
from node.service.phrases import phrase
from node.service.views import Finding, Level

US_PER_DAY = 86_400_000_000
CERTIFICATE_WARN_US = 7 * US_PER_DAY
"""A certificate of a child that ends within a week was not renewed in time."""

LATE = {"renew.retired": "renew.late.retired", "renew.key": "renew.late.key"}
"""Why a certificate was not renewed, where that has a sentence of its own."""


async def trust_findings(
    keeper: RosterKeeper, writer: GroupWriter, renewals: Renewals
) -> list[Finding]:
    """The roster, then certificates that should have been renewed."""
    found = [_roster(keeper)]
    now_us = time.time_ns() // 1_000
    newest: dict[str, CertificateRow] = {}
    for row in await writer.read(rosters.certificates):  # the last of a link ends last
        if row.revoked_at_us is None:
            newest[row.link] = row
    for row in newest.values():
        left_us = row.not_after_us - now_us
        if left_us < CERTIFICATE_WARN_US:
            days, key = abs(left_us) // US_PER_DAY, "dead" if left_us <= 0 else "days"
            found.append(
                Finding(
                    level=Level.ALARM if left_us <= 0 else Level.WARN,
                    subject=f"certificate {row.link}",
                    sentence=phrase(f"certificate.{key}", name=row.link, days=days),
                    remedy=phrase("certificate.child.remedy"),
                )
            )
    if renewals.papers is not None:
        found += own_finding(renewals.papers, now_us)
    return found


def own_finding(papers: Papers, now_us: int) -> list[Finding]:
    """Our certificate from the parent, if it was not renewed two weeks before its end."""
    left_us = papers.ends_at_us - now_us
    if left_us > WARN_US:
        return []
    code = papers.refused[0]
    key = LATE.get(code, "renew.late")
    days = abs(left_us) // US_PER_DAY
    return [Finding(
        level=Level.ALARM,
        subject="certificate",
        sentence=phrase("renew.dead" if left_us <= 0 else key, days=days, code=code or "-"),
        remedy=phrase("renew.late.remedy"),
    )]


def _roster(keeper: RosterKeeper) -> Finding:
    freshness, serial = keeper.freshness(), keeper.newest_serial()
    if freshness is None:
        return Finding(
            level=Level.ALARM,
            subject="roster",
            sentence=phrase("roster.missing"),
            remedy=phrase("roster.missing.remedy"),
        )
    if freshness is Freshness.FRESH:
        return Finding(
            level=Level.OK, subject="roster", sentence=phrase("roster.fresh", serial=serial)
        )
    return Finding(
        level=Level.ALARM,
        subject="roster",
        sentence=phrase("roster.stale", serial=serial, state=freshness.value.lower()),
        remedy=phrase("roster.remedy"),
    )
