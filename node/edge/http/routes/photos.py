"""Photos: up by multipart, down by digest. What a file is, its first bytes say."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response, UploadFile
from fastapi.responses import FileResponse

from node.edge.http.answers import fails
from node.edge.http.desk import Desk, Set
from node.edge.http.gate import Operator, Reader
from node.edge.http.problems import BadCall
from node.edge.http.telling import PhotoStoredOut

router = APIRouter(prefix="/api/v1", tags=["photos"])

MAGIC_BYTES: Final = 16
"""Enough of a file's head to tell the three formats apart."""
EXTENSIONS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def sniff(head: bytes) -> str | None:
    """The media type that the first bytes prove, or None. Names and declared types are ignored:
    a page of HTML called ``photo.jpg`` must never be served from here."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return None


@router.post("/photos", operation_id="uploadPhoto", summary="Upload a photo",
             status_code=201, response_model=PhotoStoredOut,
             description="One file in the form field `file`. The same bytes give the same digest, "
             "so repeating an upload is harmless.",
             responses=fails("photo.media_type", "body.too_large", "body.media_type",
                             "http.bad_request", "case.invalid"))
async def upload(
    request: Request, file: UploadFile, desk: Desk, settings: Set, _caller: Operator,
    response: Response,
) -> object:
    limit = settings.limits.photo_bytes_max
    if file.size is not None and file.size > limit:
        raise BadCall("body.too_large", f"the photo is larger than {limit} bytes")
    data = await file.read()
    kind = sniff(data[:MAGIC_BYTES])
    if kind is None:
        raise BadCall("photo.media_type", "the file's first bytes are not JPEG, PNG or WebP")
    stored = await desk.put_photo(data, kind)
    response.headers["Location"] = str(
        request.app.url_path_for("downloadPhoto", digest=stored.digest)
    )
    return stored


@router.get("/photos/{digest}", operation_id="downloadPhoto", name="downloadPhoto",
            summary="Download a photo", response_class=FileResponse,
            responses={200: {"description": "The file.", "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in EXTENSIONS}},
                **fails("photo.unknown")})
async def download(
    digest: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in hex.")],
    desk: Desk, _caller: Reader,
) -> Response:
    found = await desk.photo_path(digest)
    if found is None:
        raise BadCall("photo.unknown", f"the bytes of {digest} are not here")
    path, kind = found
    file_name = f"{digest[:16]}.{EXTENSIONS.get(kind, 'bin')}"
    return FileResponse(
        path, media_type=kind,
        headers={
            "ETag": f'"{digest}"',
            # The address names the content, so what was fetched once stays true.
            "Cache-Control": "private, max-age=31536000, immutable",
            "Content-Disposition": f'inline; filename="{file_name}"',
        },
    )
