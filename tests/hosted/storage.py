"""`/storage/v1/...` as Supabase Storage serves it: bytes in memory, rows in `storage.objects`.

Who may do what is asked of the real policies, as the real server asks them: each request in a transaction of its own
with the role and the claims of its token; whether an object may be written by writing it and rolling back. What
differs from the real one: no image transformation, no signed URLs, no listing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
from aiohttp import web

from tests.hosted.faults import reset
from tests.hosted.rest import who
from tests.hosted.tokens import TokenRefused

if TYPE_CHECKING:
    from tests.hosted.project import HostedProject

_CLAIMS = "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)"
_WRITE = "insert into storage.objects (bucket_id, name, owner_id) values ($1, $2, $3)"
_FINISH = "insert into storage.objects (bucket_id, name, owner_id, metadata) values ($1, $2, $3, $4)"
_SEE = "select metadata from storage.objects where bucket_id = $1 and name = $2"
_REMOVE = "delete from storage.objects where bucket_id = $1 and name = any ($2) returning name"
_TUS = {"Tus-Resumable": "1.0.0"}


class Refused(Exception):
    """`status` is what is meant; object routes say 400 to nearly everything and put it into the body."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error


_NOT_FOUND = (404, "not_found", "Object not found")


@dataclass
class Resumable:
    """An upload that has not ended."""

    bucket: str
    name: str
    mime: str
    length: int
    owner: str
    data: bytearray = field(default_factory=bytearray)
    done: bool = False


def routes(project: HostedProject) -> list[web.RouteDef]:
    """The part of the server that Storage is; it is found as `project.storage`."""
    storage = project.storage = Storage(project)
    tus, item = "/storage/v1/upload/resumable", "{bucket}/{name:.+}"
    return [
        web.post(tus, storage.as_tus(storage.begin)),
        web.head(f"{tus}/{{id}}", storage.as_tus(storage.offset)),
        web.patch(f"{tus}/{{id}}", storage.as_tus(storage.take)),
        web.delete(f"{tus}/{{id}}", storage.as_tus(storage.end)),
        web.get(f"/storage/v1/object/info/{item}", storage.as_object(storage.info)),
        web.get(f"/storage/v1/object/authenticated/{item}", storage.as_object(storage.download)),
        web.post(f"/storage/v1/object/{item}", storage.as_object(storage.upload)),
        web.delete("/storage/v1/object/{bucket}", storage.as_object(storage.remove)),
    ]


class Storage:
    """`objects` are the bytes by bucket and name; `largest` is the largest body of a PATCH so far."""

    def __init__(self, project: HostedProject) -> None:
        self._project = project
        self.objects: dict[tuple[str, str], bytes] = {}
        self.uploads: dict[str, Resumable] = {}
        self.largest = 0
        self.keeps_parts = True
        """Whether what arrived of a broken PATCH counts; the real one keeps it or not, by its backend."""
        self.on_bytes: Callable[[int], None] = lambda _: None
        """Told the size of an upload as it grows."""

    # Resumable uploads ---------------------------------------------------------------------------------------------

    async def begin(self, request: web.Request, role: str, claims: dict[str, Any]) -> web.Response:
        told = dict(pair.split(" ") for pair in request.headers["Upload-Metadata"].split(","))
        known = {name: base64.b64decode(value).decode() for name, value in told.items()}
        upload = Resumable(
            known["bucketName"],
            known["objectName"],
            known.get("contentType", "application/octet-stream"),
            int(request.headers["Upload-Length"]),
            str(claims.get("sub", "")),
        )
        await self._may_write(role, claims, upload.bucket, upload.name)
        await self._fits(upload.bucket, upload.length, upload.mime)
        place = base64.urlsafe_b64encode(f"{upload.bucket}/{upload.name}/{uuid4()}".encode()).decode().rstrip("=")
        self.uploads[place] = upload
        # A proxy in front makes of it what it likes.
        return web.Response(
            status=201, headers={**_TUS, "Location": f"http://kong:8000/storage/v1/upload/resumable/{place}"}
        )

    async def offset(self, request: web.Request, role: str, claims: dict[str, Any]) -> web.Response:
        upload = self._upload(request)
        headers = {**_TUS, "Upload-Offset": str(len(upload.data)), "Upload-Length": str(upload.length)}
        return web.Response(status=200, headers=headers)

    async def take(self, request: web.Request, role: str, claims: dict[str, Any]) -> web.Response:
        upload = self._upload(request)
        await self._may_write(role, claims, upload.bucket, upload.name)
        if request.content_type != "application/offset+octet-stream":
            raise Refused(415, "invalid", "Content-Type must be application/offset+octet-stream")
        if int(request.headers["Upload-Offset"]) != len(upload.data):
            raise Refused(409, "conflict", "Upload-Offset conflict")
        self.largest = max(self.largest, request.content_length or 0)
        before = len(upload.data)
        try:
            await self._receive(request, upload)
        except ConnectionError:
            if not self.keeps_parts:
                del upload.data[before:]
            raise
        if len(upload.data) == upload.length and not upload.done:
            await self._keep(upload.bucket, upload.name, upload.mime, bytes(upload.data), upload.owner)
            upload.done = True
        return web.Response(status=204, headers={**_TUS, "Upload-Offset": str(len(upload.data))})

    async def end(self, request: web.Request, role: str, claims: dict[str, Any]) -> web.Response:
        upload = self._upload(request)
        await self._may_write(role, claims, upload.bucket, upload.name)
        del self.uploads[request.match_info["id"]]
        return web.Response(status=204, headers=_TUS)

    async def _receive(self, request: web.Request, upload: Resumable) -> None:
        drop = request.get("drop")
        taken = 0
        async for piece in request.content.iter_any():
            part = piece if drop is None else piece[: drop - taken]
            taken += len(part)
            upload.data += part
            self.on_bytes(len(upload.data))
            if drop is not None and taken >= drop:
                reset(request)
                raise ConnectionResetError
        if taken != request.content_length:
            raise ConnectionResetError

    def _upload(self, request: web.Request) -> Resumable:
        upload = self.uploads.get(request.match_info["id"])
        if upload is None:
            raise Refused(404, "not_found", "The file for this url was not found")
        return upload

    # Objects -------------------------------------------------------------------------------------------------------

    async def upload(self, request: web.Request, role: str, claims: dict[str, Any]) -> web.Response:
        bucket, name = request.match_info["bucket"], request.match_info["name"]
        await self._may_write(role, claims, bucket, name)
        data, mime = await request.read(), request.content_type
        if mime == "multipart/form-data":
            form = await request.post()
            part = next(each for each in form.values() if isinstance(each, web.FileField))
            data, mime = part.file.read(), part.content_type
        await self._fits(bucket, len(data), mime)
        await self._keep(bucket, name, mime, data, str(claims.get("sub", "")))
        return web.json_response({"Id": str(uuid4()), "Key": f"{bucket}/{name}"})

    async def info(self, request: web.Request, role: str, claims: dict[str, Any]) -> web.Response:
        facts = await self._seen(request, role, claims)
        return web.json_response(
            {"name": request.match_info["name"], "bucket_id": request.match_info["bucket"], "size": facts["size"],
             "content_type": facts["mimetype"], "etag": facts["eTag"]}
        )  # fmt: skip

    async def download(self, request: web.Request, role: str, claims: dict[str, Any]) -> web.Response:
        facts = await self._seen(request, role, claims)
        data = self.objects[request.match_info["bucket"], request.match_info["name"]]
        asked = request.headers.get("Range")
        if asked is None:
            return web.Response(body=data, content_type=facts["mimetype"])
        start = int(asked.removeprefix("bytes=").partition("-")[0])
        headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        return web.Response(status=206, body=data[start:], content_type=facts["mimetype"], headers=headers)

    async def remove(self, request: web.Request, role: str, claims: dict[str, Any]) -> web.Response:
        bucket, names = request.match_info["bucket"], (await request.json())["prefixes"]
        async with self._acting(role, claims) as connection:
            gone = [row["name"] for row in await connection.fetch(_REMOVE, bucket, names)]
        for name in gone:
            self.objects.pop((bucket, name), None)
        return web.json_response([{"bucket_id": bucket, "name": name} for name in gone])

    async def _seen(self, request: web.Request, role: str, claims: dict[str, Any]) -> dict[str, Any]:
        async with self._acting(role, claims) as connection:
            found = await connection.fetchval(_SEE, request.match_info["bucket"], request.match_info["name"])
        if found is None:
            raise Refused(*_NOT_FOUND)
        return dict(json.loads(found))

    # Policies ------------------------------------------------------------------------------------------------------

    async def _may_write(self, role: str, claims: dict[str, Any], bucket: str, name: str) -> None:
        async with self._project.authenticator.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute(_CLAIMS, role, json.dumps(claims))
                await connection.execute(_WRITE, bucket, name, claims.get("sub"))
            except asyncpg.InsufficientPrivilegeError:
                raise Refused(403, "Unauthorized", "new row violates row-level security policy") from None
            except asyncpg.UniqueViolationError:
                raise Refused(409, "Duplicate", "The resource already exists") from None
            except asyncpg.ForeignKeyViolationError:
                raise Refused(404, "Bucket not found", "Bucket not found") from None
            finally:
                await transaction.rollback()

    async def _fits(self, bucket: str, size: int, mime: str) -> None:
        async with self._owner() as owner:
            limits = await owner.fetchrow(
                "select file_size_limit, allowed_mime_types from storage.buckets where id = $1", bucket
            )
        if limits["file_size_limit"] is not None and size > limits["file_size_limit"]:
            raise Refused(413, "Payload too large", "The object exceeded the maximum allowed size")
        if limits["allowed_mime_types"] is not None and mime not in limits["allowed_mime_types"]:
            raise Refused(415, "invalid_mime_type", f"mime type {mime} is not supported")

    async def _keep(self, bucket: str, name: str, mime: str, data: bytes, owner_id: str) -> None:
        """The permission was asked for before; the row itself is written past the policies, as the real one does."""
        about = {"eTag": f'"{hashlib.md5(data).hexdigest()}"', "size": len(data), "mimetype": mime}
        async with self._owner() as owner:
            try:
                await owner.execute(_FINISH, bucket, name, owner_id, json.dumps(about))
            except asyncpg.UniqueViolationError:
                raise Refused(409, "Duplicate", "The resource already exists") from None
        self.objects[bucket, name] = data

    @asynccontextmanager
    async def _acting(self, role: str, claims: dict[str, Any]) -> AsyncIterator[asyncpg.Connection]:
        async with self._project.authenticator.acquire() as connection, connection.transaction():
            await connection.execute(_CLAIMS, role, json.dumps(claims))
            yield connection

    @asynccontextmanager
    async def _owner(self) -> AsyncIterator[asyncpg.Connection]:
        where = self._project.database
        connection = await asyncpg.connect(host=where.host, port=where.port, database=where.name, user="postgres")
        try:
            yield connection
        finally:
            connection.terminate()

    # Answers -------------------------------------------------------------------------------------------------------

    def as_object(
        self, way: Callable[..., Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                return await way(request, *self._who(request))
            except Refused as refused:
                body = {"statusCode": str(refused.status), "error": refused.error, "message": str(refused)}
                return web.json_response(body, status=500 if refused.status == 500 else 400)

        return handle

    def as_tus(self, way: Callable[..., Awaitable[web.Response]]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                return await way(request, *self._who(request))
            except Refused as refused:
                return web.Response(status=refused.status, text=str(refused), headers=_TUS)

        return handle

    def _who(self, request: web.Request) -> tuple[str, dict[str, Any]]:
        try:
            return who(self._project, request)
        except TokenRefused as refused:
            raise Refused(
                403, "Unauthorized", '"exp" claim timestamp check failed' if refused.expired else "jwt malformed"
            ) from None
