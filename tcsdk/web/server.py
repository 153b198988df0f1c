"""A small HTTP server for one person: files of a page, and what a stream or picture says."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tcsdk.distribution import installed_version
from tcsdk.errors import ServerError, TcsdkError
from tcsdk.web.site import STREAMS, Site, media_type

MOST_BODY = 16 * 1024 * 1024
_SECONDS = 30.0  # that a browser may take to say what it wants
_LOCAL = ("localhost", "127.0.0.1", "::1")
_JSON = "application/json"

Read = Callable[[bytes], list[dict[str, object]]]


class PageServer(ThreadingHTTPServer):
    """Serve a page.

    Args:
        host: Address to listen at.
        port: 0 for any that is free.
        site: What is served.
        read: Bytes of a stream or picture -> lines of text; None where nothing can read here.

    Raises:
        ServerError: The port is taken, or not to be had.
    """

    daemon_threads = True

    def __init__(self, host: str, port: int, site: Site, read: Read | None) -> None:
        self.site, self._read, self._reading = site, read, threading.Lock()
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            advice = _ADVICE.get(error.errno or 0, "take another --host or --port")
            raise ServerError(
                f"cannot listen at {host}:{port}: {error.strerror}; {advice}"
            ) from error

    @property
    def reads(self) -> bool:
        """Whether text can be read here."""
        return self._read is not None

    @property
    def address(self) -> str:
        """Where the page is."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/"

    def read(self, data: bytes) -> list[dict[str, object]]:
        """Read text, one request at a time."""
        if self._read is None:
            raise ServerError("nothing can read here: pip install 'tcsdk-codec[ocr]'")
        with self._reading:
            return self._read(data)

    def knows(self, host: str) -> bool:
        """Whether a request's Host is this server, and not a name that a stranger points here."""
        ours = str(self.server_address[0])
        return urlsplit(f"//{host}").hostname in (*_LOCAL, ours) or ours == "0.0.0.0"


_ADVICE = {
    errno.EADDRINUSE: "something else listens there; take another --port, or 0 for a free one",
    errno.EACCES: "ports below 1024 are for the administrator; take a higher --port",
}


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS

    def version_string(self) -> str:
        return f"tcsdk/{installed_version()}"

    def log_message(self, *_: object) -> None:
        """Say nothing: one person sees what happens in the browser."""

    def do_GET(self) -> None:
        if not self._is_for_us():
            return
        answer = _ANSWERS.get(urlsplit(self.path).path)
        if answer is not None:
            self._tell(HTTPStatus.OK, answer(self.server))
            return
        try:
            found = self.server.site.find(self.path)
        except UnicodeDecodeError:
            found = None
        if found is None:
            self._refuse(HTTPStatus.NOT_FOUND, f"{urlsplit(self.path).path} is not here")
        else:
            self._send_file(found)

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        if not self._is_for_us():
            return
        if urlsplit(self.path).path != "/api/read":
            self._refuse(HTTPStatus.NOT_FOUND, "expected /api/read")
            return
        data = self._body()
        if data is None:
            return
        try:
            self._tell(HTTPStatus.OK, {"lines": self.server.read(data)})
        except ServerError as error:
            self._refuse(HTTPStatus.NOT_IMPLEMENTED, str(error))
        except TcsdkError as error:
            self._refuse(HTTPStatus.UNPROCESSABLE_ENTITY, f"{type(error).__name__}: {error}")

    def _is_for_us(self) -> bool:
        """Refuse what another site's page asks for in the name of its visitor."""
        origin = self.headers.get("Origin")
        hosts = [self.headers.get("Host", "")]
        if origin is not None and self.command == "POST":
            hosts.append(urlsplit(origin).netloc)
        if all(self.server.knows(host) for host in hosts) and len(set(hosts)) == 1:
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "expected a request of this server's own page")
        return False

    def _body(self) -> bytes | None:
        """Return what was posted; None where it was refused."""
        said = self.headers.get("Content-Length", "")
        if not said.isascii() or not said.isdigit() or "Transfer-Encoding" in self.headers:
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "expected a Content-Length")
            return None
        if len(said) > len(str(MOST_BODY)) or int(said) > MOST_BODY:
            why = f"expected at most {MOST_BODY} bytes, got {said}"
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)
            return None
        return self.rfile.read(int(said))

    def _send_file(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except OSError as error:
            self._refuse(HTTPStatus.NOT_FOUND, str(error.strerror))
            return
        self._send(HTTPStatus.OK, media_type(path), data)

    def _tell(self, status: HTTPStatus, said: Any) -> None:
        self._send(status, _JSON, json.dumps(said).encode())

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self.close_connection = True  # what was sent along is not read
        self._tell(status, {"error": why})

    def _send(self, status: HTTPStatus, kind: str, data: bytes) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(data)),
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            **({"Connection": "close"} if self.close_connection else {}),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


_ANSWERS: dict[str, Callable[[PageServer], object]] = {
    "/api": lambda server: {"read": server.reads, "version": installed_version()},
    f"/{STREAMS}/index.json": lambda server: server.site.offered(),
}
