"""Named limits of the HTTP edge: what one caller may ask of a node at once.

What a node may want to change lies in ``node.settings`` (``Http`` and ``Limits``); these are part
of the published API.
"""

from __future__ import annotations

from typing import Final

PAGE_ITEMS_MAX: Final = 200
"""Items per page; a listing is walked with ``next``, not with a larger page."""
PAGE_ITEMS_DEFAULT: Final = 50
CSV_ROWS_MAX: Final = 100_000
"""Rows of one CSV export; more belongs into a report with a period."""
TEXT_CHARS_MAX: Final = 4_000
"""Free text in one field; about two printed pages."""
SHORT_CHARS_MAX: Final = 200
PHOTOS_MAX: Final = 20
"""Photos named by one command; an envelope carries at most 32 attachments."""
DOCUMENT_PATH: Final = "/api/v1/standards/document"
"""Where an edition of a standard is sent whole: the one path below ``/api`` for a large body."""
EDITION_BYTES_MAX: Final = 16 * 1024 * 1024
"""An edition of a standard as a document: some thousand conditions with their texts."""
FORM_BYTES_MAX: Final = 40 * 1024 * 1024
"""One answer on a one-time form with all its photos."""
MULTIPART_OVERHEAD_BYTES: Final = 64 * 1024
"""What multipart adds around one photo: boundaries, headers, small fields."""

CHANGES_STREAM_S_MAX: Final = 900.0
"""Seconds of one change stream. Clients reconnect by themselves and miss nothing; a token that was
revoked meanwhile ends there."""
BODY_PAUSE_S_MAX: Final = 30.0
"""Silence in the middle of a body after which the call ends: a caller who has gone without saying
so must not hold one of the server's connections for ever."""
CHANGES_BATCH: Final = 200
"""Changes read and sent at once to one listener; what bounds its memory."""
ACCOUNT_BYTES_MAX: Final = 16 * 1024
"""A form of the account pages: a name and some passwords."""
