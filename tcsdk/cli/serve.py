"""`tcsdk serve`: the page that makes and shows streams, and a folder of them."""

from __future__ import annotations

import argparse
import webbrowser
from importlib.util import find_spec
from pathlib import Path

from tcsdk.cli.values import bounded
from tcsdk.web.server import PageServer, Read
from tcsdk.web.site import Site

_PORT = 8000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `serve`."""
    parser.add_argument(
        "streams", nargs="?", type=Path, metavar="FOLDER", help="a folder of .tcs files to offer"
    )
    parser.add_argument(
        "--port",
        type=bounded(0, 65535),
        default=_PORT,
        help="0: any free one; default: %(default)s",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen at; the default is for this machine alone: there is no password",
    )
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FOLDER",
        help="the page as make page made it, not the installed one",
    )
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def run(arguments: argparse.Namespace) -> int:
    """Serve until it is interrupted."""
    site = Site.of(arguments.page, arguments.streams)
    with PageServer(arguments.host, arguments.port, site, _reader()) as server:
        reads = "reads text too" if server.reads else "reads no text (extra [ocr])"
        print(f"{server.address}  {reads}; Ctrl-C ends it", flush=True)
        if arguments.open:
            webbrowser.open(server.address)
        server.serve_forever()
    return 0


def _reader() -> Read | None:
    """Return what reads streams and pictures, where its extra is installed."""
    if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
        return None
    from tcsdk.reading.ocr import read
    from tcsdk.reading.records import record_of

    return lambda data: [record_of(line) for line in read(data)]
