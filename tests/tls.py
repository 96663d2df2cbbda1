"""TLS for tests: a certificate authority of their own, and a front that speaks TLS before a PostgreSQL without it.

The server that the program brings is built without TLS. `TlsFront` answers the client's SSLRequest as PostgreSQL does
(https://www.postgresql.org/docs/current/protocol-flow.html), shakes hands, and passes on what follows, so that login
and statements are the real server's.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


class Authority:
    """Issues certificates; `pem` is what a client has to trust. Files are written into `folder`."""

    def __init__(self, folder: Path, name: str = "Test authority") -> None:
        self.folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _certificate(self._name, self._name, self._key, -DAY, 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.file = folder / f"{name.replace(' ', '-')}.pem"
        self.file.write_text(self.pem)

    def issue(self, name: str, *, begins: timedelta = -DAY, ends: timedelta = 30 * DAY) -> tuple[Path, Path]:
        """Certificate and key for a host, as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        try:
            other: x509.GeneralName = x509.IPAddress(ip_address(name))
        except ValueError:
            other = x509.DNSName(name)
        certificate = (
            _certificate(subject, self._name, key, begins, ends)
            .add_extension(x509.SubjectAlternativeName([other]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        stem = self.folder / f"{name}-{certificate.serial_number}"
        stem.with_suffix(".crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        stem.with_suffix(".key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return stem.with_suffix(".crt"), stem.with_suffix(".key")


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begins: timedelta, ends: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
    )


class TlsFront:
    """Listens on 127.0.0.1 (`port`) and passes on to a PostgreSQL socket. Without `certificate` it has no TLS."""

    def __init__(self, folder: str, port: int = 5432, *, certificate: tuple[Path, Path] | None = None) -> None:
        self._socket = f"{folder}/.s.PGSQL.{port}"
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._context: ssl.SSLContext | None = None
        self.port = 0
        self.conversations = 0
        self.left = asyncio.Event()
        """Somebody has come and gone."""
        if certificate is not None:
            self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._context.load_cert_chain(*certificate)

    async def __aenter__(self) -> TlsFront:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.conversations += 1
        # Cancelled by the end of the front: asyncio would report it as an error of this callback.
        with suppress(OSError, EOFError, asyncio.CancelledError):
            first = await reader.readexactly(8)
            if first == _SSL_REQUEST:
                writer.write(b"N" if self._context is None else b"S")
                await writer.drain()
                if self._context is not None:
                    await writer.start_tls(self._context)
                first = b""
            inside, outside = await asyncio.open_unix_connection(self._socket)
            try:
                outside.write(first)
                await asyncio.gather(_pass_on(reader, outside), _pass_on(inside, writer))
            finally:
                outside.close()
        writer.close()
        self.left.set()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
