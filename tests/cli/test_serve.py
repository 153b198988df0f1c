"""`tcsdk serve`: what it sends, and what it refuses to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from structure.syntax import ROOT

import tcsdk
from tcsdk.cli import serve
from tcsdk.web.server import MOST_BODY, PageServer, Read
from tcsdk.web.site import Site


@pytest.fixture
def folders(tmp_path, stream):
    """A page, and beside it streams and what must not be seen."""
    page, streams = tmp_path / "page", tmp_path / "streams"
    (page / "tcsdk" / "src").mkdir(parents=True)
    (page / "index.html").write_text("<title>the page</title>")
    (page / "tcsdk" / "src" / "index.js").write_text("export {};")
    (page / ".hidden").write_text("hidden")
    (streams / "more").mkdir(parents=True)
    for name in ("a b.tcs", "more/c.tcs"):
        (streams / name).write_bytes(stream.read_bytes())
    (streams / "notes.txt").write_text("secret")
    (tmp_path / "secret.tcs").write_bytes(stream.read_bytes())
    (streams / "link.tcs").symlink_to(tmp_path / "secret.tcs")
    return page, streams


@contextmanager
def running(site: Site, read: Read | None) -> Iterator[PageServer]:
    with PageServer("127.0.0.1", 0, site, read) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def served(folders):
    """A server that reads every body as its length."""

    def read(data: bytes) -> list[dict[str, object]]:
        if data == b"nothing":
            raise tcsdk.ImageError("not a picture")
        return [{"text": str(len(data))}]

    with running(Site.of(*folders), read) as server:
        yield server


def ask(
    server: PageServer,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def test_page_and_its_files_are_sent_as_what_they_are(served):
    answer, data = ask(served, "/")
    assert (answer.status, data) == (200, b"<title>the page</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert ask(served, "/?sample=label.tcs")[1] == data
    answer, _ = ask(served, "/tcsdk/src/index.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    answer, data = ask(served, "/", "HEAD")
    assert (answer.status, data) == (200, b"")


def test_nets_come_from_the_installed_model(served, zoo):
    answer, data = ask(served, "/tcsdk/dist/tfic/manifest.json")
    assert (answer.status, data) == (200, (zoo / "tfic" / "manifest.json").read_bytes())
    assert ask(served, "/tcsdk/dist/other/manifest.json")[0].status == 404


def test_streams_of_the_folder_are_listed_and_sent(served, stream):
    offered = json.loads(ask(served, "/streams/index.json")[1])
    assert [each["file"] for each in offered] == ["a b.tcs", "more/c.tcs"]
    for path in ("/streams/a%20b.tcs", "/streams/more/c.tcs"):
        answer, data = ask(served, path)
        assert (answer.headers["content-type"], data) == ("image/x-tcs", stream.read_bytes())


@pytest.mark.parametrize(
    "path",
    [
        "/streams/notes.txt",
        "/streams/link.tcs",
        "/streams/../secret.tcs",
        "/streams/%2e%2e/secret.tcs",
        "/streams/..%2fsecret.tcs",
        "/streams/..%5csecret.tcs",
        "/streams//etc/passwd",
        "/streams/",
        "/%2e%2e/secret.tcs",
        "/.hidden",
        "//etc/passwd",
        "/tcsdk/dist/tfic/../../../index.html",
        "/a%00b",
        "/%ff",
        "/" + 5000 * "a",
        "/tcsdk",
        "secret.tcs",
    ],
)
def test_nothing_else_is_sent(served, path):
    answer, data = ask(served, path)
    assert answer.status == 404
    assert "error" in json.loads(data)


def test_text_is_read_of_what_is_posted(served):
    assert json.loads(ask(served, "/api")[1])["read"] is True
    answer, data = ask(served, "/api/read", "POST", b"12345")
    assert (answer.status, json.loads(data)) == (200, {"lines": [{"text": "5"}]})
    answer, data = ask(served, "/api/read", "POST", b"nothing")
    assert (answer.status, json.loads(data)) == (422, {"error": "ImageError: not a picture"})
    assert ask(served, "/api/write", "POST", b"")[0].status == 404


@pytest.mark.parametrize(
    ("length", "status"),
    [(str(MOST_BODY + 1), 413), (500 * "9", 413), ("-1", 411), ("ten", 411), ("٣", 411)],
)
def test_bodies_have_a_length_and_a_bound(served, length, status):
    with socket.create_connection(served.server_address[:2], timeout=10) as connection:
        head = f"POST /api/read HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(f"HTTP/1.1 {status} ".encode())


def test_other_sites_may_not_ask(served):
    port = served.server_address[1]
    for headers in (
        {"Host": "stranger.example"},
        {"Host": f"127.0.0.1:{port}", "Origin": "https://stranger.example"},
        {"Host": f"127.0.0.1:{port}", "Origin": "null"},
    ):
        assert ask(served, "/api/read", "POST", b"1", headers)[0].status == 403
    own = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}"}
    assert ask(served, "/api/read", "POST", b"1", own)[0].status == 200
    assert ask(served, "/", headers={"Host": "stranger.example"})[0].status == 403


def test_without_a_reader_the_extra_is_named(folders):
    with running(Site.of(*folders), None) as server:
        assert json.loads(ask(server, "/api")[1])["read"] is False
        answer, data = ask(server, "/api/read", "POST", b"1")
        assert (answer.status, "tcsdk-codec[ocr]" in data.decode()) == (501, True)


def test_text_is_read_by_the_extra(folders):
    pytest.importorskip("rapidocr", reason="needs the [ocr] extra")
    picture = ROOT / "examples" / "pictures" / "label.png"
    with running(Site.of(*folders), serve._reader()) as server:
        answer, data = ask(server, "/api/read", "POST", picture.read_bytes())
    assert answer.status == 200
    assert "PUMP STATION 7" in [line["text"] for line in json.loads(data)["lines"]]


def test_a_port_in_use_is_told(run, folders, served):
    port = served.server_address[1]
    done = run("serve", "--page", folders[0], "--port", port)
    assert done.code == 1
    assert f"cannot listen at 127.0.0.1:{port}" in done.err
    assert "take another --port" in done.err


def test_folders_that_are_missing_are_told(run, folders, tmp_path, monkeypatch):
    done = run("serve", "--page", tmp_path / "none")
    assert (done.code, "expected index.html in" in done.err) == (1, True)
    done = run("serve", "--page", folders[0], tmp_path / "none")
    assert (done.code, "expected a folder of .tcs files" in done.err) == (1, True)
    monkeypatch.setattr("tcsdk.web.site.SHIPPED", (Path("nowhere"),))
    done = run("serve")
    assert (done.code, "make page in a checkout" in done.err) == (1, True)


def test_the_verb_says_where_the_page_is_and_ends_by_an_interrupt(run, folders, monkeypatch):
    def interrupted(_: PageServer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PageServer, "serve_forever", interrupted)
    done = run("serve", "--page", folders[0], "--port", "0")
    assert done.code == 130
    assert done.out.startswith("http://127.0.0.1:")
