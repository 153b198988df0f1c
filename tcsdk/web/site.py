"""Which file an address of the page means, and nothing beyond the folders that are served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tcsdk.errors import ModelFileError, ServerError
from tcsdk.media_type import MEDIA_TYPE, SUFFIX
from tcsdk.model.find import find_model

# The page as the wheel carries it; in an editable checkout as `make page` makes it.
SHIPPED = (Path(__file__).with_name("page"), Path(__file__).parents[2] / "build" / "page")
_START = "index.html"
STREAMS = "streams"
_NETS = ("tcsdk", "dist", "tfic")  # below the page; the wheel has them in its zoo already
_OTHER = "application/octet-stream"
_NO_PAGE = (
    "this installation was built without the page: make page in a checkout (it takes Emscripten "
    "and Node.js), then: tcsdk serve --page build/page"
)
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    SUFFIX: MEDIA_TYPE,
}


def media_type(path: Path) -> str:
    """Return what a file is sent as."""
    return _TYPES.get(path.suffix.lower(), _OTHER)


@dataclass(frozen=True)
class Site:
    """What is served.

    Attributes:
        page: Folder of the page.
        nets: Folder of the model that the page takes where its own folder has none.
        streams: Folder whose streams the page offers; None for none.
    """

    page: Path
    nets: Path
    streams: Path | None = None

    @classmethod
    def of(cls, page: Path | None, streams: Path | None) -> Site:
        """Check the folders.

        Args:
            page: Folder of the page; None for the one of this installation.
            streams: Folder of streams, or None.

        Raises:
            ServerError: There is no page, or no such folder.
        """
        folders = SHIPPED if page is None else (page,)
        chosen = next((folder for folder in folders if (folder / _START).is_file()), None)
        if chosen is None:
            raise ServerError(
                _NO_PAGE if page is None else f"expected {_START} in {page}, got none"
            )
        if streams is not None and not streams.is_dir():
            raise ServerError(f"expected a folder of {SUFFIX} files, got {streams}")
        try:
            nets = find_model("tfic", None)[0].path
        except ModelFileError as error:
            raise ServerError(f"the page's model cannot be read: {error}") from error
        return cls(chosen, nets, streams)

    def find(self, address: str) -> Path | None:
        """Return the file of an address, or None.

        Args:
            address: Path of a request, escapes and question included.
        """
        parts = _parts(address)
        if parts is None:
            return None
        if parts[0] == STREAMS:
            found = _inside(self.streams, parts[1:])
            return found if found and found.suffix.lower() == SUFFIX else None
        found = _inside(self.page, parts)
        if found is None and parts[: len(_NETS)] == _NETS:
            found = _inside(self.nets, parts[len(_NETS) :])
        return found

    def offered(self) -> list[Mapping[str, str]]:
        """Return the streams of the folder, as the page lists them: `file` and what it `says`."""
        if self.streams is None:
            return []
        files = sorted(self.streams.rglob(f"*{SUFFIX}"))
        names = [file.relative_to(self.streams).as_posix() for file in files]
        return [{"file": n, "says": n} for n in names if _inside(self.streams, _split(n))]


def _split(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def _parts(address: str) -> tuple[str, ...] | None:
    """Return the names of an address, or None where it could lead out of a folder."""
    path = unquote(urlsplit(address).path, errors="strict") if address.startswith("/") else ""
    parts = _split(path.removeprefix("/") or _START)
    if path.endswith("/") and path != "/":
        parts = (*parts[:-1], _START)
    hidden = any(not part or part.startswith(".") or set(part) & set("\\:\0") for part in parts)
    return None if hidden or not path else parts


def _inside(folder: Path | None, parts: tuple[str, ...]) -> Path | None:
    """Return a file of a folder; None for a link that leads out of it."""
    if folder is None or not parts:
        return None
    try:
        found = folder.joinpath(*parts).resolve()
        if found.is_relative_to(folder.resolve()) and found.is_file():
            return found
    except (OSError, RuntimeError):  # names that are too long, loops of links
        pass
    return None
