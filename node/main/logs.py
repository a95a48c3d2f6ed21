"""Logs: one line per event with its fields, JSON by default; nothing that was told in confidence.

Secrets are of secret types and never reach a log line; as a second fence, fields with telling names
are masked.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from node.settings import Settings

SECRET_WORDS = (
    "token", "password", "passphrase", "secret", "seed", "authorization", "cookie", "credential",
)
"""A field whose name contains one of these is masked, whatever it holds."""
MASKED = "***"


def mask_secrets(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask fields by name."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = MASKED
    return event


def configure(settings: Settings) -> None:
    """Set up structlog for the process; called once, by ``serve``."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    # Tracebacks as text, never with local variables: those hold what callers told in confidence.
    renderers: tuple[Any, ...] = (
        structlog.processors.format_exc_info,
        mask_secrets,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    )
    if settings.log_format == "text":
        renderers = (
            mask_secrets,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                exception_formatter=structlog.dev.plain_traceback,
            ),
        )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(node=settings.node.id)
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries(logging.WARNING))


class _Libraries(logging.Handler):
    """What libraries say through ``logging``, as lines like all others."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            structlog.get_logger(record.name).log(
                max(record.levelno, logging.WARNING), "library", logger=record.name,
                detail=record.getMessage(), exc_info=record.exc_info,
            )
        except Exception:  # noqa: BLE001 - as logging itself does: a log line ends nothing
            self.handleError(record)
