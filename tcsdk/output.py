"""Files written whole or not at all, beside the target and then renamed; pipes are written into."""

from __future__ import annotations

import errno
import io
import os
import platform
import secrets
import stat
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.errors import OutputError

# Suffix -> Pillow's name of the format and the options of `save`. What is lossy is nearly so.
PICTURE_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {}),
    ".jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".webp": ("WEBP", {"lossless": True}),
    ".avif": ("AVIF", {"quality": 90, "subsampling": "4:4:4"}),  # of Pillow 11.3 and later
    ".tif": ("TIFF", {"compression": "tiff_lzw"}),
    ".tiff": ("TIFF", {"compression": "tiff_lzw"}),
    ".bmp": ("BMP", {}),
    ".ppm": ("PPM", {}),
}
# Temporary files say which machine and process they belong to.
_HERE = f".tcsdk-{zlib.crc32(platform.node().encode()):08x}-"
_WITH_METADATA = frozenset({"PNG", "JPEG", "WEBP", "AVIF", "TIFF"})


def is_device(path: str | os.PathLike[str]) -> bool:
    """Whether a path leads to something that is there and is neither a file nor a folder."""
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def write_file(path: str | os.PathLike[str], data: bytes, *, replace: bool = True) -> None:
    """Write a file so that others see the old content or the new, even after a power loss.

    Pipes and character devices (a FIFO, a terminal, the null device) are written into and stay
    what they are. A link to a file stays one: the file behind it is replaced.

    Args:
        path: What to write.
        data: Its content.
        replace: Whether a file that is there may be replaced; without, another process that writes
            the same name at the same time is noticed too.

    Raises:
        OutputError: The folder does not exist, is not writable, or the disk is full; the file
            that was there is untouched. Or the path is a folder, a block device, a socket or a
            link to nothing; or it is there, and may not be replaced.
    """
    target = Path(path)
    try:
        if is_device(target):
            _write_into(target, data)
        elif target.is_symlink():
            _write_whole(target.resolve(strict=True), data, replace)
        else:
            _write_whole(target, data, replace)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {path}: {reason}") from error


def _write_into(target: Path, data: bytes) -> None:
    mode = target.stat().st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        kind = "block device" if stat.S_ISBLK(mode) else "socket"
        raise OSError(f"expected a file, a pipe or a character device, got a {kind}")
    # Neither created nor cut: whatever stands there is only written to.
    with os.fdopen(os.open(target, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), "wb") as file:
        file.write(data)


def _write_whole(target: Path, data: bytes, replace: bool) -> None:
    # Of one length whatever the target's name is: file systems count bytes, 255 of them.
    temporary = target.with_name(f"{_HERE}{os.getpid()}-{secrets.token_hex(8)}.tmp")
    try:  # around its making too: an interrupt may come right behind it
        # O_EXCL and 0o666: never through somebody's link, and with the rights the umask gives.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            # Renames can reach the disk before data does: a power loss would leave a part.
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(target)
        else:
            _rename_to_new(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _rename_to_new(temporary: Path, target: Path) -> None:
    """Rename a file to a name that nobody has, in one step where the file system has links."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # no links there, as on FAT: two steps, between which another may come
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        temporary.replace(target)
    else:
        temporary.unlink()


def remove_leftovers(folders: Iterable[Path]) -> None:
    """Remove temporary files that killed processes of this machine have left in folders."""
    for folder in filter(os.path.isdir, folders):
        for file in folder.glob(f"{_HERE}*.tmp"):
            process = file.name.removeprefix(_HERE).partition("-")[0]
            if process.isdigit() and not _is_running(int(process)):
                with suppress(OSError):  # another process may be as tidy at this moment
                    file.unlink()


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)  # asks, and does nothing
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True


def holds_metadata(suffix: str) -> bool:
    """Tell whether files of a suffix of `PICTURE_FORMATS` can hold a profile and EXIF."""
    return PICTURE_FORMATS[suffix.lower()][0] in _WITH_METADATA


def picture_bytes(
    pixels: NDArray[np.uint8], suffix: str, *, icc: bytes | None = None, exif: bytes | None = None
) -> bytes:
    """Return a picture as the bytes of a file.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        suffix: One of `PICTURE_FORMATS`, such as ".png".
        icc: Colour profile to embed, where the format can hold one.
        exif: EXIF block to embed, where the format can hold one.

    Raises:
        OutputError: The suffix is unknown, this Pillow cannot write such files, or the format
            cannot hold the picture.
    """
    check_picture_suffix(suffix)
    from PIL import Image

    name, options = PICTURE_FORMATS[suffix.lower()]
    if holds_metadata(suffix):
        kept = {"icc_profile": icc, "exif": exif}
        options = options | {key: value for key, value in kept.items() if value is not None}
    buffer = io.BytesIO()
    try:
        Image.fromarray(pixels).save(buffer, name, **options)
    except (OSError, ValueError) as error:
        raise OutputError(f"cannot write the picture as {name}: {error}") from error
    return buffer.getvalue()


def check_picture_suffix(suffix: str) -> None:
    """Refuse a kind of file that no picture can be written as here.

    Raises:
        OutputError: The suffix is unknown, or this Pillow cannot write such files.
    """
    if suffix.lower() not in PICTURE_FORMATS:
        raise OutputError(f"cannot write a picture as {suffix or 'a name without suffix'!r}: "
                          f"expected one of {', '.join(PICTURE_FORMATS)}")  # fmt: skip
    from PIL import Image

    name, _ = PICTURE_FORMATS[suffix.lower()]
    Image.init()
    if name not in Image.SAVE:
        raise OutputError(f"this Pillow cannot write {name} ({suffix}): install one that can, for "
                          "AVIF 11.3 or later, or name a .png")  # fmt: skip
