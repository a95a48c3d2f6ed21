"""Photos: up by multipart, down by digest. What a file is, its first bytes say."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response, UploadFile
from fastapi.responses import FileResponse

from node.core.pictures import HEAD_BYTES, kind_of
from node.edge.http.answers import fails
from node.edge.http.desk import Desk, Set
from node.edge.http.gate import Operator, Reader
from node.edge.http.problems import BadCall
from node.edge.http.telling import PhotoStoredOut

router = APIRouter(prefix="/api/v1", tags=["photos"])

EXTENSIONS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
EVIDENCE: Final = "exportEvidence"
"""Whoever may do this gets photos as they came."""
BARE_CSP: Final = "default-src 'none'; sandbox"
"""A file is looked at, never run, whatever its bytes may be taken for."""


def served(path: FilePath, kind: str, name: str, headers: dict[str, str]) -> FileResponse:
    """A photo as an answer. What is no picture is handed over to be kept, not to be shown."""
    how = "inline" if kind in EXTENSIONS else "attachment"
    return FileResponse(path, media_type=kind, headers={
        "Content-Disposition": f'{how}; filename="{name}.{EXTENSIONS.get(kind, "bin")}"',
        "Content-Security-Policy": BARE_CSP, "X-Content-Type-Options": "nosniff", **headers,
    })


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
    if not kind_of(data[:HEAD_BYTES]):
        raise BadCall("photo.media_type", "the file's first bytes are not JPEG, PNG or WebP")
    stored = await desk.put_photo(data, "")
    response.headers["Location"] = str(
        request.app.url_path_for("downloadPhoto", digest=stored.digest)
    )
    return stored


@router.get("/photos/{digest}", operation_id="downloadPhoto", name="downloadPhoto",
            summary="Download a photo", response_class=FileResponse,
            description="Whoever may take evidence (`exportEvidence`) gets the bytes as they came; "
            "everybody else the same picture without what the camera wrote beside it (place, "
            "serial number) and without what hangs behind its end.",
            responses={200: {"description": "The file.", "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in EXTENSIONS}},
                **fails("photo.unknown")})
async def download(
    digest: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in hex.")],
    desk: Desk, caller: Reader,
) -> Response:
    # The room of access is built when somebody comes who is held by roles.
    whole = caller.person.is_unbound or desk.access.allows(caller.person, EVIDENCE)
    found = await (desk.photo_path(digest) if whole else desk.shown_photo(digest))
    if found is None:
        raise BadCall("photo.unknown", f"the bytes of {digest} are not here")
    return served(*found, digest[:16], {
        "ETag": f'"{digest}"' if whole else f'"{digest}-bare"',
        # The address names the content, so what was fetched once stays true for whoever fetched.
        "Cache-Control": "private, max-age=31536000, immutable",
        "Vary": "Authorization, Cookie",
    })
